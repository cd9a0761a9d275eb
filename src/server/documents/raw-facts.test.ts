import { expect, test } from 'vitest';
import { rawSchema, serverMetricsOf } from './raw-facts.ts';

const read = {
  state: 'read',
  engine: 'vLLM',
  urls: ['http://10.1.2.3:8000/metrics'],
  other_requests: 0,
  latencies: {
    ttft: { count: 4, mean_ms: 90, median_within_ms: [50, 100], p99_within_ms: null },
    queue: { count: 4, mean_ms: 2 },
  },
  prefix_cache: { queried_tokens: 10, hit_tokens: 1, share: 0.1 },
  prompt_tokens_from: { gpuCache: 1, cpuOrExternalCache: null, computed: 9 },
  kv_offload: { to_cpu: { bytes_per_s: 2e9 }, to_gpu: { bytes_per_s: null } },
  preemptions: 0,
  spec_decode: null,
};
const of = (server_metrics: unknown, fidelity: unknown = {}) =>
  serverMetricsOf(rawSchema.parse({ server_metrics, fidelity }));

test('shows the server’s figures next to the client’s if they cover the same requests', () => {
  expect(of(read, { beyond_server_ms: { ttft: 5, e2el: null } })).toEqual({
    engine: 'vLLM',
    otherRequests: 0,
    latencies: [
      { latency: 'ttft', count: 4, serverMs: 90, clientMs: 95, beyondMs: 5 },
      { latency: 'queue', count: 4, serverMs: 2, clientMs: null, beyondMs: null },
    ],
    prefixCacheShare: 0.1,
    externalCacheShare: null,
    promptTokensFrom: { gpuCache: 1, cpuOrExternalCache: null, computed: 9 },
    kvOffload: { toCpuBytesPerS: 2e9, toGpuBytesPerS: null },
    preemptions: 0,
    draftAcceptance: null,
    acceptanceLength: null,
    acceptanceByPosition: null,
    notes: [],
  });
});

test('shows no metrics that were not read or have another shape', () => {
  expect(of({ state: 'unavailable', reason: 'there are none' })).toBeNull();
  expect(of(undefined)).toBeNull();
  expect(of({ ...read, latencies: 'x' })).toBeNull();
});
