import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RawEngine, rawEngine, response } from '../../test/support/raw-engine.ts';
import { type LoadTestOptions, runLoadTest } from './package.ts';
import { formatResult } from './print-result.ts';

const json = (value: unknown, status = '200 OK'): Buffer =>
  response(status, ['Content-Type: application/json'], JSON.stringify(value));
const run = ({ port }: RawEngine, options: Partial<LoadTestOptions>) =>
  runLoadTest({
    url: `http://127.0.0.1:${port}`,
    model: 'm',
    concurrency: 2,
    numPrompts: 6,
    ...options,
  });
/** Replies with one result for each input, like an embedding or rerank server. */
const pooling = (change: (results: object[]) => object[] = (results) => results) =>
  rawEngine(({ socket, body }) => {
    const { input, documents } = JSON.parse(body);
    const isOne = typeof input === 'string' || typeof input?.[0] === 'number';
    const inputs: unknown[] = documents ?? (isOne ? [input] : input);
    const results = change(
      inputs.map((_, index) =>
        documents === undefined ? { index, embedding: [0.5, index] } : { index, relevance_score: 0.5 },
      ),
    );
    const tokens = 10 * inputs.length;
    const usage = documents === undefined ? { prompt_tokens: tokens } : { total_tokens: 2 * tokens };
    socket.write(json(documents === undefined ? { data: results, usage } : { results, usage }));
  });

describe('a test of embeddings', () => {
  it('has inputs and their tokens per second, and no figure of generation', async () => {
    await using engine = await pooling();
    const dataset = { randomInputLen: 10, randomBatchSize: 3 };
    const result = await run(engine, { backend: 'openai-embeddings', dataset });
    const { pooling: figures, fidelity, duration } = result;
    expect(result).toMatchObject({
      completed: 6,
      failed: 0,
      total_input_tokens: 6 * 3 * 10,
      total_output_tokens: 0,
      output_throughput: null,
      mean_ttft_ms: null,
      mean_tpot_ms: null,
      mean_itl_ms: null,
    });
    expect(result.median_e2el_ms).toBeGreaterThan(0);
    expect(figures).toMatchObject({ unit: 'embedding', results: 18 });
    expect(figures?.result_throughput).toBeCloseTo(18 / duration, 6);
    expect(figures?.input_throughput).toBeCloseTo(180 / duration, 6);
    // Nothing about streams or missing tokens of output makes the result doubtful.
    expect(fidelity).toMatchObject({
      unstreamed_replies: 0,
      unknown_first_tokens: 0,
      unknown_output_lengths: 0,
      uncounted_replies: 0,
      prompt_token_mismatches: 0,
    });
    expect(fidelity.reasons.filter((reason) => /stream(ed|ing)|TTFT|usage|token/.test(reason))).toEqual([]);
    for (const { target, body, headers } of engine.requests) {
      expect(target).toBe('/v1/embeddings');
      expect(headers.get('accept')).toEqual(['application/json']);
      expect(JSON.parse(body)).toEqual({ model: 'm', input: [1, 2, 3].map(() => expect.toSatisfy(isIds)) });
    }
    const printed = formatResult(result);
    expect(printed).toMatch(/Total embeddings: +18\n/);
    expect(printed).toMatch(/End-to-end latency/);
    expect(printed).not.toMatch(/first token|generated/);
  });

  it('takes the texts of a file, alone or several at once', async () => {
    await using engine = await pooling();
    const folder = await mkdtemp(join(tmpdir(), 'pooled-'));
    try {
      const datasetPath = join(folder, 'inputs.jsonl');
      await writeFile(datasetPath, '{"input": "one"}\n{"input": ["two", "three"]}\n{"prompt": "four"}\n');
      const dataset = { name: 'custom', datasetPath, disableShuffle: true } as const;
      const { pooling: figures } = await run(engine, {
        backend: 'openai-embeddings',
        dataset,
        numPrompts: 3,
        concurrency: 1,
      });
      expect(figures?.results).toBe(4);
      expect(engine.requests.map(({ body }) => JSON.parse(body).input)).toEqual([
        'one',
        ['two', 'three'],
        'four',
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each<[string, (results: object[]) => object[], RegExp]>([
    ['fewer embeddings than inputs', (results) => results.slice(1), /wrong-results: 2 × embedding for 3/],
    ['more', (results) => [...results, {}], /wrong-results: 4 × embedding for 3/],
    ['none', () => [], /empty-reply: the reply has no embedding/],
  ])('fails for %s', async (_, change, words) => {
    await using engine = await pooling(change);
    const dataset = { randomInputLen: 10, randomBatchSize: 3 };
    await expect(run(engine, { backend: 'openai-embeddings', dataset })).rejects.toThrow(words);
  });

  it.each<[string, Buffer, RegExp]>([
    ['an error', json({ error: { message: 'not loaded' } }), /server-error: not loaded/],
    ['a refusal', json({ detail: 'no such model' }, '404 Not Found'), /http-404.*no such model/],
    ['a page', response('200 OK', ['Content-Type: text/html'], '<p>hi'), /wrong-content-type: not JSON/],
  ])('names %s of the server', async (_, reply, words) => {
    await using engine = await rawEngine(({ socket }) => socket.write(reply));
    await expect(run(engine, { backend: 'openai-embeddings' })).rejects.toThrow(words);
  });
});

describe('a test of rankings', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pooled-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('sends drawn queries with documents, and takes the token count of the server', async () => {
    await using engine = await pooling();
    const dataset = {
      name: 'random-rerank',
      randomInputLen: 12,
      randomQueryLen: 4,
      randomBatchSize: 5,
    };
    const result = await run(engine, { backend: 'vllm-rerank', dataset });
    expect(result.pooling).toMatchObject({ unit: 'score', results: 30 });
    expect(result.total_input_tokens).toBe(6 * 2 * 50);
    for (const { target, body } of engine.requests) {
      expect(target).toBe('/v1/rerank');
      const { query, documents } = JSON.parse(body);
      expect(query.trim().split(' ')).toHaveLength(4);
      expect(documents).toHaveLength(5);
      for (const one of documents) expect(one.trim().split(' ')).toHaveLength(8);
    }
    const queries = new Set(engine.requests.map(({ body }) => JSON.parse(body).query));
    expect(queries.size).toBe(6);
  });

  it('accepts fewer scores than documents, which top_n asks for', async () => {
    await using engine = await pooling((results) => results.slice(0, 1));
    const datasetPath = join(folder, 'ranked.jsonl');
    await writeFile(
      datasetPath,
      `${JSON.stringify({ query: 'a', documents: ['b', { text: 'c' }], top_n: 1 })}\n`,
    );
    const dataset = { name: 'custom', datasetPath } as const;
    const result = await run(engine, { backend: 'vllm-rerank', dataset, numPrompts: 2 });
    expect(result.pooling?.results).toBe(2);
    expect(JSON.parse(engine.requests[0]?.body ?? '')).toEqual({
      query: 'a',
      documents: ['b', { text: 'c' }],
      top_n: 1,
      model: 'm',
    });
  });

  it('is refused by a server that generates, and the other way round', async () => {
    const at = { url: 'http://127.0.0.1:9', model: 'm' };
    await expect(runLoadTest({ ...at, dataset: { name: 'random-rerank' } })).rejects.toThrow(
      'the data set has queries with documents, which --backend openai does not take',
    );
    await expect(runLoadTest({ ...at, backend: 'vllm-rerank' })).rejects.toThrow(
      '--backend vllm-rerank ranks documents, which the data set does not have',
    );
  });
});

function isIds(value: unknown): boolean {
  return Array.isArray(value) && value.length === 10 && value.every((id) => Number.isInteger(id));
}
