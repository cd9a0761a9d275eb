import { describe, expect, test } from 'vitest';
import {
  sessionsDocument,
  sessionsDocumentOf,
  sessionsOf,
  sessionsSummary,
  withoutSessionRequests,
} from './session-facts.ts';

interface Sent {
  readonly lane?: number;
  readonly conversation?: number;
  readonly startS?: number;
  readonly endS?: number;
  readonly cached?: number | null;
  readonly outcome?: string;
  readonly isMeasured?: boolean;
}

function rawOf(sent: readonly Sent[], more: Readonly<Record<string, unknown>> = {}) {
  const column = <Value>(of: (one: Sent, index: number) => Value): Value[] => sent.map(of);
  return {
    max_concurrency: 4,
    agentic: {
      corpus: 'org/traces@abc',
      traces: 2,
      plays: 3,
      submission_valid: false,
      submission_invalid_reasons: ['unsafe_override'],
      ideal_hit_rate: 0.9,
      achieved_hit_rate: 0.8,
      e2e_norm_intvty: { p50: 40, p90: 20 },
      conversations: [
        'private_trace',
        'private_trace::sa:agent_1',
        'private_trace::wg:000_1',
        'private_trace::aux:000',
      ],
      requests: {
        lane: column(({ lane = 0 }) => lane),
        play: column(() => 0),
        conversation: column(({ conversation = 0 }) => conversation),
        turn: column((_, index) => index),
        start_s: column(({ startS = 0 }) => startS),
        end_s: column(({ endS = 1 }) => endS),
        ttft_s: column(() => 0.2),
        input_tokens: column(() => 100),
        output_tokens: column(() => 10),
        cached_tokens: column(({ cached = 50 }) => cached),
        blocks: column(() => 10),
        ideal_blocks: column(() => 9),
        outcome: column(({ outcome = 'completed' }) => outcome),
        measured: column(({ isMeasured = true }) => isMeasured),
      },
    },
    ...more,
  };
}

const documentOf = (...args: Parameters<typeof rawOf>) =>
  sessionsDocument.parse(sessionsDocumentOf('id', rawOf(...args)));

describe('sessions of a point', () => {
  test('are null for another load, and summarized for a replay', () => {
    expect(sessionsOf({ completed: 3 })).toBeNull();
    expect(sessionsDocumentOf('id', { completed: 3 })).toBeUndefined();
    expect(sessionsSummary.parse(sessionsOf(rawOf([{}])))).toMatchObject({
      corpus: 'org/traces@abc',
      plays: 3,
      submission: { isValid: false, reasons: ['unsafe_override'] },
      idealHitRate: 0.9,
      achievedHitRate: 0.8,
      hasRequests: true,
    });
  });

  test('name what an agent is, and publish no id of the trace', () => {
    const document = documentOf([0, 1, 2, 3].map((conversation) => ({ conversation })));
    expect(document.conversations).toEqual(['main', 'subagent', 'worker', 'auxiliary']);
    expect(JSON.stringify(document)).not.toContain('private');
    expect(JSON.stringify(withoutSessionRequests(rawOf([{}])))).not.toContain('private');
  });

  test('list whole lanes, from the first on, up to a bound', () => {
    const sent = Array.from({ length: 3000 }, (_, index) => ({
      lane: index % 3,
      startS: index,
      endS: index + 1,
    }));
    const { shown, columns, requests } = documentOf(sent);
    expect(requests).toBe(3000);
    expect(shown).toEqual({ lanes: 2, ofLanes: 3, requests: 2000 });
    expect(new Set(columns.lane)).toEqual(new Set([0, 1]));
    const one = documentOf(Array.from({ length: 3000 }, (_, index) => ({ startS: index, endS: index + 1 })));
    expect(one.shown).toEqual({ lanes: 1, ofLanes: 1, requests: 2000 });
    expect(one.columns.startS.at(-1)).toBe(1999);
  });

  test('have cache hits and requests in flight over time, of the measured phase only', () => {
    const { overTime } = documentOf([
      { startS: -5, endS: -1, isMeasured: false, cached: 0 },
      { startS: 0, endS: 60 },
      { startS: 0, endS: 30, cached: 100 },
      { startS: 45, endS: 60, outcome: 'failed', cached: null },
    ]);
    expect(overTime.intervalS).toBe(1);
    expect(overTime.inFlight[10]).toBe(2);
    expect(overTime.inFlight[35]).toBe(1);
    expect(overTime.inFlight[50]).toBe(2);
    expect(overTime.cachedShare[0]).toBe(0.75);
    expect(overTime.idealShare[0]).toBe(0.9);
    expect(overTime.cachedShare[45]).toBeNull();
  });

  test('have no hits of a server that does not report them, and no use of a KV cache that was not sampled', () => {
    const { overTime, kvUse, distributions } = documentOf([{ cached: null }]);
    expect(new Set(overTime.cachedShare)).toEqual(new Set([null]));
    expect(kvUse).toBeNull();
    expect(distributions.cachedShare).toBeUndefined();
    const series = { t_s: [0, 1], kv_cache_usage: [0.25, null] };
    expect(documentOf([{}], { telemetry: { series } }).kvUse).toEqual({ atS: [0, 1], share: [0.25, null] });
  });

  test('count every completed request in the distributions', () => {
    const { distributions } = documentOf([
      {},
      { conversation: 1 },
      { conversation: 1 },
      { outcome: 'failed' },
    ]);
    for (const name of ['inputTokens', 'outputTokens', 'cachedShare'] as const)
      expect(distributions[name]?.counts.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(distributions.turns?.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
  });
});
