import { describe, expect, it } from 'vitest';
import { type RawEngine, type RawRequest, rawEngine, response } from '../../test/support/raw-engine.ts';
import { someLoadTest } from '../../test/support/some-load-test.ts';
import { type LoadTest, runLoadTest } from './index.ts';
import { formatResult } from './print-result.ts';

const urlOf = ({ port }: RawEngine): string => `http://127.0.0.1:${port}`;
const run = (first: RawEngine, second: RawEngine, changes: Partial<LoadTest>) =>
  runLoadTest(
    {
      ...someLoadTest,
      baseUrl: urlOf(first),
      otherBaseUrls: [urlOf(second)],
      ignoreEos: false,
      maxConcurrency: 3,
      ...changes,
    },
    { signal: new AbortController().signal },
  );

const turn = { inputTokens: 6, outputTokens: 4, pauseS: 0 };
/** Six conversations of three turns. */
const conversations: Partial<LoadTest> = {
  dataset: {
    kind: 'conversations',
    conversations: Array.from({ length: 6 }, () => [turn, turn, turn]),
  },
  numPrompts: 18,
};
const header = ({ headers }: RawRequest, name: string): string => headers.get(name)?.join() ?? '';

describe('a test of several servers', () => {
  it('counts a request that cannot be sent for the server that it was meant for', async () => {
    await using first = await rawEngine();
    const second = await rawEngine();
    const test = {
      ...someLoadTest,
      baseUrl: urlOf(first),
      otherBaseUrls: [urlOf(second)],
      ignoreEos: false,
      maxConcurrency: 1,
      numPrompts: 4,
      connectTimeoutS: 0.2,
    };
    const { servers } = await runLoadTest(test, {
      signal: new AbortController().signal,
      beforeStart: async () => await second[Symbol.asyncDispose](),
    });
    expect(servers).toMatchObject([
      { name: urlOf(first), requests: 2, failed: 0 },
      { name: urlOf(second), requests: 2, failed: 2 },
    ]);
  });

  it('sends all turns of a conversation to the same server, with the same id', async () => {
    await using first = await rawEngine();
    await using second = await rawEngine();
    const result = await run(first, second, { ...conversations, sessionHeader: 'x-session-id' });
    expect(result.servers).toMatchObject([
      { name: urlOf(first), requests: 9, completed: 9, failed: 0 },
      { name: urlOf(second), requests: 9, completed: 9, failed: 0 },
    ]);
    for (const engine of [first, second]) {
      expect(new Set(engine.requests.map((request) => header(request, 'host')))).toEqual(
        new Set([`127.0.0.1:${engine.port}`]),
      );
      const sessions = Map.groupBy(engine.requests, (request) => header(request, 'x-session-id'));
      expect([...sessions.values()].map(({ length }) => length)).toEqual([3, 3, 3]);
      for (const requests of sessions.values()) {
        const [one, two, three] = requests.map(({ body }) => JSON.parse(body).prompt.join());
        expect(two.startsWith(one)).toBe(true);
        expect(three.startsWith(two)).toBe(true);
      }
    }
    const { servers = [], duration, median_ttft_ms } = result;
    const [a, b] = servers;
    expect((a?.request_throughput ?? 0) + (b?.request_throughput ?? 0)).toBeCloseTo(18 / duration, 6);
    expect(Math.min(...[a, b].map((one) => one?.ttft.median_ms ?? 0))).toBeLessThanOrEqual(
      median_ttft_ms ?? 0,
    );
    expect(result.fidelity.addresses).toBeUndefined();
    expect(formatResult(result)).toContain(`Server ${urlOf(second)}\n  Requests:`);
  });

  it('sends each request to the next server if asked to', async () => {
    await using first = await rawEngine();
    await using second = await rawEngine();
    await run(first, second, { ...conversations, urlAssignment: 'round-robin' });
    const prompts = (engine: RawEngine) => engine.requests.map(({ body }) => JSON.parse(body).prompt.length);
    // The turns of a conversation alternate between the servers, and the next conversation starts at the other one.
    expect(first.requests).toHaveLength(9);
    for (const engine of [first, second])
      expect(prompts(engine).toSorted((a, b) => a - b)).toEqual([6, 6, 6, 16, 16, 16, 26, 26, 26]);
  });

  it('names the server whose requests failed', async () => {
    await using good = await rawEngine();
    await using bad = await rawEngine(({ socket }) =>
      socket.write(response('500 Internal Server Error', [], 'no memory')),
    );
    const result = await run(good, bad, { numPrompts: 8 });
    expect(result.servers).toMatchObject([
      { requests: 4, completed: 4, failed: 0 },
      { requests: 4, completed: 0, failed: 4, request_throughput: 0, ttft: { median_ms: null } },
    ]);
    expect(formatResult(result)).toMatch(/Requests: +4, 4 failed/);
  });

  it('does not start if one of them cannot be reached', async () => {
    await using first = await rawEngine();
    const second = await rawEngine();
    await second[Symbol.asyncDispose]();
    await expect(run(first, second, { numPrompts: 4 })).rejects.toThrow(/cannot connect to .*ECONNREFUSED/);
    expect(first.requests).toEqual([]);
  });

  it('in an open loop has its own connection to each', async () => {
    await using first = await rawEngine();
    await using second = await rawEngine();
    const result = await run(first, second, {
      numPrompts: 10,
      requestRate: 500,
      maxConcurrency: Number.POSITIVE_INFINITY,
    });
    expect(result.servers?.map(({ completed }) => completed)).toEqual([5, 5]);
  });
});

describe('a test of several models', () => {
  it('has the figures of each', async () => {
    await using engine = await rawEngine();
    const result = await runLoadTest(
      {
        ...someLoadTest,
        baseUrl: urlOf(engine),
        ignoreEos: false,
        numPrompts: 40,
        maxConcurrency: 2,
        models: { models: ['a', 'b'], shares: [3, 1], assignment: 'random' },
      },
      { signal: new AbortController().signal },
    );
    const sent = Map.groupBy(engine.requests, ({ body }) => String(JSON.parse(body).model));
    expect(result.models).toMatchObject(
      ['a', 'b'].map((name) => ({
        name,
        requests: sent.get(name)?.length,
        completed: sent.get(name)?.length,
      })),
    );
    expect(sent.get('a')?.length).toBeGreaterThan(sent.get('b')?.length ?? 40);
    const [a] = result.models ?? [];
    expect(a?.output_throughput).toBeCloseTo((4 * (sent.get('a')?.length ?? 0)) / result.duration, 6);
    expect(result.servers).toBeUndefined();
    expect(formatResult(result)).toMatch(/Model a\n {2}Requests:/);
  });
});
