import type { MetricName, PointDocument } from '../../../src/server/api.ts';

/** The role whose GPUs divide a throughput. */
const roles: Partial<Record<MetricName, 'prefill' | 'decode'>> = {
  inputTputPerGpu: 'prefill',
  outputTputPerGpu: 'decode',
};

/**
 * The unit of a throughput that a disaggregated server reports for each GPU of one role, such as `tok/s per decode GPU`;
 * undefined for figures of the whole server. Input and output throughput of such a server do not add up to the total.
 */
export function perGpuOfRole(
  name: MetricName,
  { series }: NonNullable<PointDocument['published']>,
): string | undefined {
  const role = roles[name];
  return role === undefined || !series.disagg ? undefined : `tok/s per ${role} GPU`;
}
