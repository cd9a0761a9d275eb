import { expect, test } from 'vitest';
import type { ServerReport } from '../../telemetry/index.ts';
import { serverLines } from './server-lines.ts';

const mean = (mean_ms: number) => ({ count: 128, mean_ms, median_within_ms: null, p99_within_ms: null });
const read: Extract<ServerReport, { state: 'read' }> = {
  state: 'read',
  engine: 'vLLM',
  urls: ['http://127.0.0.1:8000/metrics'],
  window_s: 9,
  other_requests: 0,
  finished_requests: 128,
  prompt_tokens: 65_536,
  generation_tokens: 16_384,
  latencies: { ttft: mean(152.221), e2el: mean(1_050_571.4), queue: mean(0.027) },
  external_cache: null,
  prompt_tokens_from: null,
  kv_offload: null,
  prefix_cache: { queried_tokens: 65_536, hit_tokens: 8192, share: 0.125 },
  preemptions: 0,
  spec_decode: {
    from: 'counters',
    drafted_tokens: 40,
    accepted_tokens: 30,
    drafts: 20,
    acceptance: 0.75,
    acceptance_length: 2.5,
    acceptance_by_position: [0.9, 0.6],
  },
};
const client = { mean_ttft_ms: 165.667, mean_tpot_ms: 7, mean_itl_ms: 7, mean_e2el_ms: 1_060_015.5 };

const linesOf = (
  server_metrics: ServerReport | undefined,
  beyond_server_ms?: Record<'ttft' | 'tpot' | 'itl' | 'e2el', number | null>,
) =>
  serverLines(
    // Only this part of the fidelity is read.
    JSON.parse(JSON.stringify({ ...client, server_metrics, fidelity: { beyond_server_ms } })),
  );

test('the server’s figures are next to the client’s, in 80 columns', () => {
  const lines = linesOf(read, { ttft: 13.446, tpot: null, itl: null, e2el: 9444.1 });
  expect(lines).toEqual([
    "Server's own metrics:               vLLM",
    '  means (ms):                       server      client      beyond',
    '  TTFT:                             152.22      165.67      13.45',
    '  E2EL:                             1050571.40  1060015.50  9444.10',
    '  in the queue:                     0.03',
    '  prefix cache hits:                12.5 % of 65536 tokens',
    '  preemptions:                      0',
    '  drafted tokens accepted:          75.0 %',
    '  acceptance length:                2.50',
    '  accepted by position:             90.0 %, 60.0 %',
  ]);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

test('metrics that are not compared have a reason, and unread metrics take one line', () => {
  const alone = { ...read, latencies: {}, prefix_cache: null, preemptions: null, spec_decode: null };
  expect(linesOf({ ...alone, notes: ['it was a shard'] })).toEqual([
    "Server's own metrics:               vLLM",
    '  not compared:                     it was a shard',
  ]);
  expect(linesOf({ state: 'unavailable', reason: 'there are none' })).toEqual([
    "Server's own metrics:               none: there are none",
  ]);
  expect(linesOf(undefined)).toEqual([]);
});
