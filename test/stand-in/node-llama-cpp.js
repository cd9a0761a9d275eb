// In place of node-llama-cpp: an engine whose "weights" are a JSON file that says how it behaves.
// Behaviour (StandInBehaviour in engine.ts) is read when the model is loaded, so a restarted engine can behave anew.
import { appendFileSync, readFileSync } from 'node:fs';
import { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const vocabulary = 30_000;

/** The HTTP server of this process, from its first request on, and what it does with requests. */
let server;
let answersWithErrors = false;
const { emit } = Server.prototype;
Server.prototype.emit = function (event, ...args) {
  server = this;
  const [request, response] = args;
  if (event !== 'request' || request.method !== 'POST' || !answersWithErrors)
    return emit.call(this, event, ...args);
  request.resume().on('end', () => {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'the device does not answer' } }));
  });
  return true;
};

export class TokenBias {
  set() {
    return this;
  }
}

export async function getLlama() {
  return { loadModel };
}

async function loadModel({ modelPath }) {
  const behaviour = JSON.parse(readFileSync(modelPath, 'utf8'));
  if (behaviour.startLog) appendFileSync(behaviour.startLog, `${process.pid}\n`);
  const broken = behaviour.breaksOn === undefined || process.argv.includes(behaviour.breaksOn);
  if (behaviour.fault === 'dies-on-start' && broken) throw new Error('the weights are for another device');
  if (behaviour.fault === 'never-ready' && broken) await new Promise(() => setInterval(() => {}, 1000));
  answersWithErrors = behaviour.fault === 'errors';
  let requests = -1; // The server asks once by itself before it is ready.
  return {
    trainContextSize: 2048,
    fileInfo: {
      metadata: { tokenizer: { ggml: { tokens: Array.from({ length: vocabulary }, () => 'x') } } },
    },
    tokens: { bosString: null, eosString: null },
    tokenizer: undefined,
    tokenize: (text) => [...text].map((_, index) => 1000 + index),
    detokenize: (tokens) => ' the'.repeat(tokens.length),
    isEogToken: () => false,
    createContext: async () => ({
      getSequence: () => ({
        clearHistory: async () => {},
        async *evaluate() {
          requests += 1;
          if (requests > (behaviour.afterRequests ?? 0) && broken) await misbehave(behaviour.fault);
          for (;;) {
            await delay(behaviour.tokenMs ?? 1);
            yield 1234;
          }
        },
      }),
    }),
  };
}

async function misbehave(fault) {
  if (fault === 'silent') await new Promise(() => {});
  if (fault === 'deaf') {
    server.close();
    server.closeAllConnections();
    setInterval(() => {}, 1000);
  }
  if (fault === 'dies') process.kill(process.pid, 'SIGKILL');
  if (fault === 'leaks') for (const kept = []; ; ) kept.push(Array.from({ length: 100_000 }, () => ({})));
}
