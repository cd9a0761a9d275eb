import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type EvalRecord, type EvalSubject, evalRecordSchema, evaluate } from './index.ts';
import { taskKinds } from './tasks/index.ts';

const request = z.object({
  model: z.literal('the-model'),
  messages: z.tuple([z.object({ role: z.literal('user'), content: z.string() })]),
  temperature: z.literal(0),
  max_tokens: z.int().positive(),
});

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server with OpenAI's chat API that answers with the text from `reply`. */
async function engine(
  reply: (prompt: string, response: ServerResponse, request: IncomingMessage) => string | undefined,
): Promise<string> {
  server = createServer(async (incoming, response) => {
    const prompt = request.parse(await json(incoming)).messages[0].content;
    const content = reply(prompt, response, incoming);
    if (content === undefined) return;
    response.end(
      JSON.stringify({
        choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }],
        usage: { completion_tokens: 9 },
      }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const subject: EvalSubject = {
  model: 'org/model',
  model_prefix: 'model',
  hw: 'h200',
  framework: 'vllm',
  precision: 'fp8',
  spec_decoding: 'none',
  tp: 8,
  ep: 1,
  dp_attention: 'false',
  conc: 4,
};

async function evaluated(
  baseUrl: string,
  tasks: readonly (keyof typeof taskKinds)[],
  more: Partial<Parameters<typeof evaluate>[2]> = {},
  limit = 20,
): Promise<EvalRecord[]> {
  return await evaluate(
    { baseUrl, model: 'the-model', api: 'chat' },
    { tasks, limit, tolerance: 0.02 },
    {
      signal: new AbortController().signal,
      onProgress: () => {},
      concurrency: 4,
      requestTimeoutS: 10,
      taskTimeoutS: 20,
      subject,
      source: 'session-a',
      earlier: [],
      now: () => new Date('2026-01-20T21:27:03Z'),
      onRecord: async () => {},
      ...more,
    },
  );
}

const answers = new Map(
  taskKinds.arithmetic.make({ limit: 20 }).items.map(({ prompt, reference }) => [prompt, reference]),
);
const right = (prompt: string) => `So it is.\n#### ${answers.get(prompt)}`;

test('an engine with correct answers gets the full score, in the fields of public accuracy rows', async () => {
  const [record] = await evaluated(await engine(right), ['arithmetic']);
  expect(record).toMatchObject({
    ...subject,
    task: 'arithmetic',
    score_name: 'em_strict',
    score: 1,
    score_se: 0,
    em_strict: 1,
    em_strict_se: 0,
    em_flexible: 1,
    em_flexible_se: 0,
    n_eff: 20,
    n_truncated: 0,
    state: 'complete',
    gate: { verdict: 'not-judged' },
    output_tokens: 180,
    timestamp: '2026-01-20T21:27:03.000Z',
    source: 'session-a',
  });
  expect(evalRecordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
});

test('an engine that answers nonsense fails against the record of one that does not', async () => {
  const good = await evaluated(await engine(right), ['arithmetic'], {
    subject: { ...subject, precision: 'bf16' },
  });
  server?.close();
  const [record] = await evaluated(await engine(() => 'blah 1'), ['arithmetic'], {
    source: 'session-b',
    earlier: good,
  });
  expect(record).toMatchObject({
    score: 0,
    gate: { verdict: 'fail', reference: { score: 1, source: 'session-a' } },
  });
});

test('agreement: the first engine’s answers are the reference for the second', async () => {
  const first = await evaluated(await engine((prompt) => ` ${prompt.length} a b c`), ['agreement'], {}, 4);
  expect(first[0]).toMatchObject({ score: null, n_eff: 0, n_asked: 4, state: 'complete' });
  server?.close();
  const second = await evaluated(
    await engine((prompt) => ` ${prompt.length} a b d`),
    ['agreement'],
    { source: 'session-b', earlier: first },
    4,
  );
  expect(second[0]).toMatchObject({ score_name: 'common_prefix', score: 0.75, exact: 0, n_eff: 4 });
});

test('questions without an answer are errors by class, not wrong answers, and the gate does not judge the rest', async () => {
  let asked = 0;
  const baseUrl = await engine((prompt, response) => {
    asked += 1;
    if (asked === 3) response.writeHead(400).end('{"error":"too long"}');
    else if (asked === 5) response.end('<html>');
    else return right(prompt);
    return undefined;
  });
  const [record] = await evaluated(baseUrl, ['arithmetic'], { concurrency: 1 });
  expect(record).toMatchObject({
    score: 1,
    n_eff: 18,
    n_asked: 20,
    state: 'incomplete',
    gate: { verdict: 'not-judged', reason: '2 questions got no answer' },
  });
  expect(record?.errors).toEqual({
    'http-error': { count: 1, example: 'HTTP 400: {"error":"too long"}' },
    'bad-reply': { count: 1, example: expect.stringContaining('not an OpenAI API response') },
  });
});

test('an endless reply is cut off at its size limit, and is an error of its question', async () => {
  const sent: number[] = [];
  const baseUrl = await engine((_prompt, response) => {
    const chunk = Buffer.alloc(65_536, 'x');
    const index = sent.push(0) - 1;
    const send = () => {
      while (!response.destroyed) {
        sent[index] = (sent[index] ?? 0) + chunk.length;
        if (!response.write(chunk)) return;
      }
    };
    response.on('drain', send).on('close', () => response.destroy());
    send();
    return undefined;
  });
  const [record] = await evaluated(baseUrl, ['arithmetic'], {}, 8);
  expect(record?.errors).toEqual({
    'bad-reply': { count: 8, example: 'the reply is longer than 128 KiB, which is the limit' },
  });
  // Bytes in socket buffers are sent in addition to those that were read.
  for (const bytes of sent) expect(bytes).toBeLessThan(32 * 1024 * 1024);
});

test('a long answer is judged as a whole, and only its beginning is kept', async () => {
  const baseUrl = await engine((prompt) => `${'so '.repeat(20_000)}${right(prompt)}`);
  const [record] = await evaluated(baseUrl, ['arithmetic'], {}, 2);
  expect(record).toMatchObject({ state: 'complete', score: 1 });
  expect(record?.items.map(({ answer }) => answer?.length)).toEqual([32_768, 32_768]);
});

test('a busy server is retried', async () => {
  let refusals = 2;
  const baseUrl = await engine((prompt, response) => {
    if (refusals-- > 0) {
      response.writeHead(503).end('busy');
      return undefined;
    }
    return right(prompt);
  });
  const [record] = await evaluated(baseUrl, ['arithmetic'], {}, 3);
  expect(record).toMatchObject({ state: 'complete', score: 1 });
});

test('an engine that listens but never answers is given up before all questions are asked', async () => {
  const baseUrl = await engine(() => undefined);
  const [record] = await evaluated(baseUrl, ['arithmetic'], { requestTimeoutS: 0.2, concurrency: 4 });
  expect(record).toMatchObject({ state: 'incomplete', score: null, n_eff: 0 });
  expect(record?.errors).toMatchObject({
    timeout: { count: expect.any(Number), example: 'no answer within 0.2 s' },
    'not-asked': { example: 'the remaining questions were not answered' },
  });
});

test('a dead engine is given up', async () => {
  const baseUrl = await engine(() => undefined);
  server?.closeAllConnections();
  server?.close();
  const [record] = await evaluated(baseUrl, ['recall'], { concurrency: 8 });
  expect(record?.errors).toMatchObject({
    'cannot-connect': { example: expect.stringContaining('ECONNREFUSED') },
  });
});

test('an interrupt ends the evaluation immediately, and earlier records were already passed on', async () => {
  const interrupt = new AbortController();
  const recorded: string[] = [];
  const baseUrl = await engine((prompt) => {
    if (!prompt.includes('Question:')) return 'kite';
    interrupt.abort(new Error('interrupted by the user'));
    return undefined;
  });
  const evaluation = evaluated(baseUrl, ['recall', 'arithmetic'], {
    signal: interrupt.signal,
    onRecord: async ({ task }) => void recorded.push(task),
  });
  await expect(evaluation).rejects.toThrow('interrupted by the user');
  expect(recorded).toEqual(['recall']);
});
