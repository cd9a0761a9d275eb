import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { said } from '../../../test/support/said.ts';

/**
 * An engine that knows every answer, and is broken at one concurrency: if more than 4 requests are in flight, as at
 * concurrency 8, it answers every fifth question wrongly.
 */
const brokenAt = 8;
/** A busy machine sends fewer at a time; never more than asked for. */
const soundUpTo = 4;
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const body = z.object({
  prompt: z.union([z.string(), z.array(z.number())]).optional(),
  messages: z.array(z.object({ content: z.string() })).optional(),
  max_tokens: z.number(),
  stream: z.boolean().optional(),
});

function answerTo(prompt: string): string {
  const facts = prompt.split('\n\n').at(-1) ?? '';
  const asked = /(Locker \d+|[A-Z]\w+) (?:holds|has) the$/.exec(prompt)?.[1] ?? '';
  return new RegExp(`${asked} (?:holds|has) the (\\w+)\\.`).exec(facts)?.[1] ?? 'nothing';
}

async function engine(): Promise<string> {
  /** The most requests in flight while each of them was. */
  const active = new Set<{ most: number }>();
  let questions = 0;
  const reply = async (request: IncomingMessage) => {
    const asked = body.parse(await json(request));
    const own = { most: 0 };
    active.add(own);
    for (const one of active) one.most = Math.max(one.most, active.size);
    const text = asked.messages?.[0]?.content ?? asked.prompt;
    await delay(25);
    const isQuestion = typeof text === 'string' && / the$/.test(text);
    const wrong = isQuestion && own.most > soundUpTo && questions++ % 5 === 0;
    const answer = wrong || !isQuestion ? 'plate' : answerTo(text);
    return { asked, own, answer: ` ${answer}.\n` };
  };
  server = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(404).end();
    const { asked, own, answer } = await reply(request);
    active.delete(own);
    const usage = { prompt_tokens: 10, completion_tokens: asked.max_tokens };
    if (asked.stream !== true) {
      const message = { role: 'assistant', content: answer };
      response.end(JSON.stringify({ choices: [{ text: answer, message, finish_reason: 'length' }], usage }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let token = 0; token < asked.max_tokens; token++) {
      const last = token === asked.max_tokens - 1;
      const choice = { index: 0, text: token === 0 ? answer : ' x', finish_reason: last ? 'length' : null };
      response.write(`data: ${JSON.stringify({ choices: [choice] })}\n\n`);
    }
    response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const resultSchema = z.object({
  fidelity: z.object({ reasons: z.array(z.string()) }),
  answers_under_load: z.looseObject({
    asked: z.int(),
    answered: z.int(),
    verdict: z.string(),
    score_alone: z.number(),
    worse: z.int(),
    better: z.int(),
    cost: z.object({
      output_token_share: z.number(),
      mean_e2el_ms: z.number(),
      others_mean_e2el_ms: z.number(),
    }),
    items: z.array(z.looseObject({ target: z.string(), answer: z.string().nullable() })),
  }),
});

async function underLoad(baseUrl: string, concurrency: number) {
  const { stdout } = await said(
    'bench',
    'serve',
    '--base-url',
    baseUrl,
    '--model',
    'm',
    '--max-concurrency',
    String(concurrency),
    '--random-input-len',
    '64',
    '--random-output-len',
    '8',
    '--num-prompts',
    '96',
    '--ignore-eos',
    '--answers',
    '0.5',
    '--json',
  );
  return resultSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

test('wrong answers at one concurrency: found under that load, and not by the plain check', async () => {
  const baseUrl = await engine();
  const plain = await said(
    'eval',
    '--base-url',
    baseUrl,
    '--model',
    'm',
    '--task',
    'recall',
    'long_recall',
    '--api',
    'completions',
    '--concurrency',
    '4',
    '--limit',
    '40',
    '--json',
  );
  const records = z.array(z.looseObject({ score: z.number() })).parse(JSON.parse(plain.stdout));
  expect(records.map(({ score }) => score)).toEqual([1, 1]);

  const good = await underLoad(baseUrl, 4);
  expect(good.answers_under_load).toMatchObject({
    asked: 48,
    answered: 48,
    score: 1,
    score_alone: 1,
    verdict: 'pass',
  });
  expect(good.fidelity.reasons.join()).not.toContain('answers');

  const bad = await underLoad(baseUrl, brokenAt);
  expect(bad.answers_under_load).toMatchObject({ score_alone: 1, verdict: 'fail', better: 0 });
  expect(bad.answers_under_load.worse).toBeGreaterThanOrEqual(6);
  expect(bad.fidelity.reasons).toContainEqual(expect.stringMatching(/^answers are wrong under this load/));
  const { items, cost } = bad.answers_under_load;
  expect(items.filter(({ target, answer }) => answer !== null && !answer.includes(target))).toHaveLength(
    bad.answers_under_load.worse,
  );
  // The questions' replies are as long as the others'.
  expect(cost.output_token_share).toBe(0.5);
});
