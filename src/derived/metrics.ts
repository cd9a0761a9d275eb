/**
 * The metrics of a point: for each, the field of a row that holds it and the factor for its value. Times are
 * over the point's requests; `median`, `p90` and `p99` are percentiles. Throughputs are tokens per second per
 * GPU; for a disaggregated point, input tokens are divided by the prefill GPUs, output tokens by the decode
 * GPUs, and all tokens by all GPUs (contract §5). Interactivity is 1000 / TPOT in ms, in tokens per second
 * per user; the p99 interactivity is that of the p99 TPOT. Goodput is requests per second and GPU within all
 * limits of the measurement, attainment the share of such requests. The end-to-end interactivity, only of replayed
 * sessions, is the output tokens of a request divided by its E2EL; p90 is the slow tail (contract F7). Shares of prompt
 * tokens are from the server's prefix cache, and from an ideal one. The acceptance length is the mean number of tokens of
 * a verification step of speculative decoding. The measured power, if sampled, is the mean per
 * GPU over the measured window, in watts.
 */
export const rowMetrics = {
  totalTputPerGpu: ['tput_per_gpu', 1],
  outputTputPerGpu: ['output_tput_per_gpu', 1],
  inputTputPerGpu: ['input_tput_per_gpu', 1],
  medianInteractivity: ['median_intvty', 1],
  p90Interactivity: ['p90_intvty', 1],
  p99Interactivity: ['p99_intvty', 1],
  medianTtftMs: ['median_ttft', 1000],
  p90TtftMs: ['p90_ttft', 1000],
  p99TtftMs: ['p99_ttft', 1000],
  medianTpotMs: ['median_tpot', 1000],
  p90TpotMs: ['p90_tpot', 1000],
  p99TpotMs: ['p99_tpot', 1000],
  medianItlMs: ['median_itl', 1000],
  p90ItlMs: ['p90_itl', 1000],
  p99ItlMs: ['p99_itl', 1000],
  medianE2elMs: ['median_e2el', 1000],
  p90E2elMs: ['p90_e2el', 1000],
  p99E2elMs: ['p99_e2el', 1000],
  goodputPerGpu: ['goodput_per_gpu', 1],
  sloAttainment: ['slo_attainment', 1],
  medianE2eInteractivity: ['median_e2e_norm_intvty', 1],
  p90E2eInteractivity: ['p90_e2e_norm_intvty', 1],
  cachedPromptShare: ['cached_prompt_share', 1],
  idealCachedShare: ['ideal_cached_share', 1],
  acceptanceLength: ['acceptance_length', 1],
} as const satisfies Readonly<Record<string, readonly [field: string, factor: number]>>;

const measuredPower = 'measuredPowerPerGpuW';

export type MetricName = keyof typeof rowMetrics | typeof measuredPower;

export const metricNames: readonly MetricName[] = [
  ...(Object.keys(rowMetrics) as (keyof typeof rowMetrics)[]),
  measuredPower,
];
