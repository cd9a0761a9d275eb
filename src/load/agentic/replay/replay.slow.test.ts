import { describe, expect, it } from 'vitest';
import { loadTestDefaults } from '../../load-test.ts';
import { MockEngine, type MockSettings } from '../../mock/engine.ts';
import { mockTruthSchema } from '../../mock/truth.ts';
import { type SessionTree, sessionsOf } from '../sessions.ts';
import { synthesisDefaults, synthesizeTraces } from '../synthesize.ts';
import { agentTraceSchema } from '../trace.ts';
import { exportsOf } from './exports.ts';
import type { AgentReplay } from './replay.ts';
import { reportOf } from './report.ts';
import { replayTraces } from './run.ts';

const trees: readonly SessionTree[] = synthesizeTraces({
  ...synthesisDefaults,
  traces: 4,
  turns: 6,
  contextTokens: 2048,
  blockTokens: 16,
  timeScale: 0.02,
}).map((trace) => sessionsOf(trace, { file: 'made' }, { models: ['mock'] }));

const usualRules = {
  lanes: 3,
  seed: 1,
  run: 'run',
  startRatios: [0.25, 0.75] as const,
  warmupRequestsPerLane: 2,
  systemIdleCapS: 0.2,
  treeIdleCapS: 1,
};

async function replayed(settings: Partial<MockSettings>, change: Partial<AgentReplay> = {}) {
  const engine = new MockEngine({ ttftMs: 5, itlMs: 0, tokensPerEvent: 8, eventsPerWrite: 64, ...settings });
  const port = await engine.listen(0);
  const baseUrl = `http://127.0.0.1:${port}`;
  try {
    const replay: AgentReplay = {
      corpus: { name: 'made', id: undefined, isPart: false },
      server: {
        ...loadTestDefaults,
        baseUrl,
        backend: 'openai-chat',
        model: 'mock',
        tokenizerId: 'mock',
        ignoreEos: true,
      },
      trees,
      durationS: 1.5,
      graceS: 5,
      mostFailed: 0.1,
      toolCalls: false,
      affinity: [],
      rules: usualRules,
      ...change,
    };
    const run = await replayTraces(replay, { signal: new AbortController().signal });
    const truth = mockTruthSchema.parse(await (await fetch(`${baseUrl}/truth`)).json());
    return { run, report: reportOf(run, replay), truth };
  } finally {
    engine.close();
  }
}

describe('a replay against an engine whose prefix cache is known', () => {
  it('sends what it records: every request, with as many prompt tokens as recorded, and the hits of the engine', async () => {
    const { run, report, truth } = await replayed({ cacheTokens: 1_000_000 });
    expect(report.requests).toMatchObject({ failed: 0, cancelled: 0 });
    expect(report.requests.completed).toBeGreaterThan(10);
    // Two requests before the start learn how the server counts words.
    expect(truth.requests).toBe(run.records.length + 2);
    const cached = run.records.reduce((sum, { cachedTokens }) => sum + (cachedTokens ?? Number.NaN), 0);
    expect(cached).toBeLessThanOrEqual(truth.cachedTokens);
    expect(cached).toBeGreaterThanOrEqual(truth.cachedTokens - 200);
    for (const { send, inputTokens } of run.records) {
      // The marker is text without spaces, so the mock does not count it.
      expect(inputTokens).toBe(send.conversation.turns[send.turn]?.inputTokens);
    }
  });

  it('achieves the ideal hits of an agent that only adds to its context, and fewer in a small cache', async () => {
    const requests = Array.from({ length: 8 }, (_, turn) => ({
      t: turn / 10,
      type: 's',
      model: 'm',
      in: 320 + 64 * turn,
      out: 16,
      hash_ids: Array.from({ length: 20 + 4 * turn }, (_unused, id) => id),
      api_time: 0.05,
    }));
    const growing = agentTraceSchema.parse({
      id: 'growing',
      models: [],
      block_size: 16,
      hash_id_scope: 'local',
      requests,
    });
    const own = [sessionsOf(growing, { file: 'made' }, { models: ['mock'] })];
    const rules = { ...usualRules, startRatios: [0, 0] as const, warmupRequestsPerLane: 0, lanes: 2 };
    const large = await replayed({ cacheTokens: 1_000_000 }, { trees: own, rules });
    const small = await replayed({ cacheTokens: 512 }, { trees: own, rules });
    const { ideal_hit_rate: ideal, cached_share: cached } = large.report;
    expect(ideal).toBeGreaterThan(0.7);
    expect(Math.abs((cached ?? 0) - (ideal ?? 0))).toBeLessThan(0.03);
    expect(small.report.cached_share).toBeLessThan(0.5 * (cached ?? 0));
  });

  it('exports what the public tools read', async () => {
    const { run, report } = await replayed({ cacheTokens: 1_000_000 });
    const exports = exportsOf(run, report, { traces: trees.length });
    const lines = exports['profile_export.jsonl'].trim().split('\n');
    expect(lines).toHaveLength(run.records.length);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      metadata: { benchmark_phase: 'profiling', request_end_ns: expect.any(Number) },
      metrics: { time_to_first_token: { unit: 'ms' }, output_sequence_length: { value: expect.any(Number) } },
      error: null,
    });
    const { request_count: count, metadata } = JSON.parse(exports['profile_export_aiperf.json']) as {
      request_count: { avg: number };
      metadata: { submission_valid: boolean };
    };
    expect(count.avg).toBe(report.requests.completed);
    expect(metadata.submission_valid).toBe(false);
  });
});
