import type { Measure } from '../../../src/derived/measures.ts';
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

interface Served {
  readonly series: { readonly disagg: boolean };
}

/** The unit of a measure at a point: `tok/s/GPU`, or `tok/s per decode GPU` if only that role's GPUs divide it. */
export function unitAt({ unit, role }: Pick<Measure, 'unit' | 'role'>, { series }: Served): string {
  if (role === undefined || !series.disagg) return unit;
  return unit.endsWith('/GPU') ? unit.replace(/\/GPU$/, ` per ${role} GPU`) : `${unit}, ${role} GPUs only`;
}

/** What a chart must say if a measure counts the GPUs of one role for some of its points. */
export function roleNote(
  { label, role }: Pick<Measure, 'label' | 'role'>,
  points: readonly Served[],
): string {
  if (role === undefined || !points.some(({ series }) => series.disagg)) return '';
  return `${label} counts only the ${role} GPUs of disaggregated servers, as the public figures do: compare it neither with total figures nor with servers that are not disaggregated.`;
}
