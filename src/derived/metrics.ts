/**
 * What is measured of a point. Times are over its requests; `median`, `p90` and `p99` are percentiles. Throughputs are
 * tokens per second and GPU; of a disaggregated point the input tokens are divided by the prefill GPUs, the output
 * tokens by the decode GPUs, all tokens by all GPUs (contract §5). Interactivity is 1000 / TPOT in ms, tokens per second
 * and user: the p99 interactivity is that of the p99 TPOT. The measured power is the mean per GPU over the measured
 * window, watts, where it was sampled.
 */
export const metricNames = [
  'totalTputPerGpu',
  'outputTputPerGpu',
  'inputTputPerGpu',
  'medianInteractivity',
  'p90Interactivity',
  'p99Interactivity',
  'medianTtftMs',
  'p90TtftMs',
  'p99TtftMs',
  'medianTpotMs',
  'p90TpotMs',
  'p99TpotMs',
  'medianItlMs',
  'p90ItlMs',
  'p99ItlMs',
  'medianE2elMs',
  'p90E2elMs',
  'p99E2elMs',
  'measuredPowerPerGpuW',
] as const;

export type MetricName = (typeof metricNames)[number];
