import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { messageOf } from '../errors.ts';
import { onFirstUse } from '../on-first-use.ts';
import { reasonFor } from '../schema-words.ts';
import { type Binding, type LlamaModel, loadBinding } from './binding.ts';
import { lookupDrafter, noDrafts } from './drafting.ts';
import { generate, type ServingSequence } from './generator.ts';
import { createEngineServer, type Service } from './http.ts';
import { RequestLatencies } from './latencies.ts';
import type { LlamaServerCounters } from './metrics.ts';
import { Slots } from './slots.ts';

const count = z.coerce.number().int().positive();
const flags = z.strictObject({
  'engine-dir': z.string(),
  model: z.string(),
  'served-model-name': z.string(),
  host: z.string().default('127.0.0.1'),
  port: count,
  /** Maximum number of sequences decoded together; further requests wait. */
  parallel: count.default(8),
  /** Tokens that fit into each sequence. */
  'context-per-sequence': count.default(1024),
  /** Maximum number of tokens in one decoding step. */
  'batch-size': count.default(512),
  threads: count.default(availableParallelism()),
  /** Most tokens drafted at a time by looking them up in the prompt; 0 for no drafts. */
  'draft-tokens': z.coerce.number().int().nonnegative().default(0),
  'prefix-cache': z.enum(['on', 'off']).default('off'),
});
type Flags = z.output<typeof flags>;

/** The program: listens immediately, responds with 503 until the model is loaded, and exits on SIGTERM. */
async function main(argv: readonly string[]): Promise<void> {
  const options = parseFlags(argv);
  let service: Service | undefined;
  const server = createEngineServer(() => service);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log(`${signal}: ending`);
      server.close();
      server.closeAllConnections();
      process.exit(0);
    });
  }
  server.listen({ host: options.host, port: options.port });
  await once(server, 'listening');
  log(`listening on http://${options.host}:${options.port}; loading ${options.model}`);
  service = await loadService(options);
  log(
    `ready: ${options.parallel} sequences of ${options['context-per-sequence']} tokens, ${options.threads} threads`,
  );
}

async function loadService(options: Flags): Promise<Service> {
  const binding = await loadBinding(options['engine-dir']);
  const llama = await binding.llama.getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: options.threads,
  });
  const model = await llama.loadModel({ modelPath: options.model });
  const context = await model.createContext({
    sequences: options.parallel,
    contextSize: options['context-per-sequence'],
    batchSize: options['batch-size'],
    threads: options.threads,
  });
  const vocabularySize = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  const drafts = options['draft-tokens'] === 0 ? undefined : noDrafts();
  const serving = (): ServingSequence => {
    if (drafts === undefined) return { sequence: context.getSequence() };
    const drafter = lookupDrafter(binding, options['draft-tokens'], drafts);
    const sequence = context.getSequence({ tokenPredictor: drafter.predictor });
    drafter.serve(sequence);
    return { sequence, drafter };
  };
  const metrics: LlamaServerCounters = {
    promptTokens: 0,
    cachedPromptTokens: 0,
    generationTokens: 0,
    finishedRequests: 0,
    abandonedRequests: 0,
    ...defined({ drafts }),
  };
  const service: Service = {
    model,
    slots: new Slots(Array.from({ length: options.parallel }, serving)),
    metrics,
    latencies: new RequestLatencies(),
    cachesPrefixes: options['prefix-cache'] === 'on',
    noEos: noEndOfGeneration(binding, model, vocabularySize),
    servedModelName: options['served-model-name'],
    contextTokens: options['context-per-sequence'],
    vocabularySize,
    // A server that only generates needs no memory for them.
    embeddings: onFirstUse(() =>
      model.createEmbeddingContext({
        contextSize: options['context-per-sequence'],
        batchSize: options['batch-size'],
        threads: options.threads,
      }),
    ),
    renderChat: chatRenderer(binding, model),
  };
  await generateOneToken(service);
  return service;
}

/** Verifies that the model answers before the server reports that it is ready. */
async function generateOneToken(service: Service): Promise<void> {
  const request = {
    prompt: service.model.tokenize('Hello', false),
    maxTokens: 1,
    ignoreEos: true,
    temperature: 0,
  };
  const unseen = { ...service, metrics: { ...service.metrics }, latencies: new RequestLatencies() };
  for await (const _ of generate(request, unseen, new AbortController().signal));
}

function noEndOfGeneration(binding: Binding, model: LlamaModel, vocabularySize: number) {
  const tokens = Array.from({ length: vocabularySize }, (_, token) => token).filter((token) =>
    model.isEogToken(token),
  );
  return new binding.llama.TokenBias(model.tokenizer).set(tokens, 'never');
}

function chatRenderer(binding: Binding, model: LlamaModel): Service['renderChat'] {
  const source = model.fileInfo.metadata.tokenizer.chat_template;
  if (source === undefined) {
    return () => {
      throw new Error('the model file has no chat template; use /v1/completions');
    };
  }
  const template = binding.parseTemplate(source);
  const { bosString, eosString } = model.tokens;
  return (messages) =>
    template.render({
      messages,
      add_generation_prompt: true,
      bos_token: bosString ?? '',
      eos_token: eosString ?? '',
    });
}

function parseFlags(argv: readonly string[]): Flags {
  const options = Object.fromEntries(
    Object.keys(flags.shape).map((name) => [name, { type: 'string' as const }]),
  );
  const { values } = parseArgs({ args: [...argv], options });
  const parsed = flags.safeParse(values);
  if (!parsed.success) throw new UsageError(reasonFor(parsed.error));
  return parsed.data;
}

class UsageError extends Error {}

function log(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const usage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  // The launcher reads the last line that starts like this to explain why an engine died.
  process.stderr.write(`error: ${messageOf(error)}\n`);
  process.exit(usage ? 2 : 1);
});
