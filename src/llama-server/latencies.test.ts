import { expect, test } from 'vitest';
import { latencyIn } from '../telemetry/server/increases.ts';
import { RequestLatencies } from './latencies.ts';

test('published latencies can be read as Prometheus histograms with the same values', () => {
  const latencies = new RequestLatencies();
  latencies.ttft.observe(0, 500);
  const before = [latencies.text()];
  for (const ms of [10, 20, 30, 40]) latencies.ttft.observe(1000, 1000 + ms);
  latencies.e2el.observe(0, 3_600_000);
  const texts = { before, after: [latencies.text()] };
  const ttft = latencyIn(texts, 'llamacpp:time_to_first_token_seconds');
  expect(ttft).toMatchObject({ count: 4, mean_ms: expect.closeTo(25, 6) });
  // Each bucket's upper limit is 1.5 times its lower one.
  const [low = 0, high = 0] = ttft?.median_within_ms ?? [];
  expect(low).toBeLessThan(20);
  expect(high).toBeGreaterThanOrEqual(20);
  expect((high ?? 0) / low).toBeCloseTo(1.5, 1);
  expect(latencyIn(texts, 'llamacpp:e2e_request_latency_seconds')).toMatchObject({
    count: 1,
    mean_ms: 3_600_000,
    median_within_ms: [expect.any(Number), null],
  });
  expect(latencyIn(texts, 'llamacpp:inter_token_latency_seconds')).toMatchObject({ count: 0, mean_ms: null });
});
