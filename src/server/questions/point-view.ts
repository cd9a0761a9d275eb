import { z } from 'zod';
import { layoutName } from '../../identity/index.ts';
import type { StoredPoint } from '../../store/index.ts';
import { gpuCounts, metricName, series, shape, verdict } from '../documents/columns.ts';
import { origin, originOf } from '../documents/origin.ts';
import {
  gpuCountsOf,
  intervalsOf,
  type KnownGpus,
  metricsOf,
  publicFieldsOfOne,
  seriesOfPoint,
  shapeOf,
  unknownMetricsOf,
} from '../documents/point-columns.ts';
import { publicName, publicText } from '../privacy.ts';

/** One published point. */
export const pointView = z.object({
  id: z.string(),
  runId: z.string(),
  origin,
  configurationId: z.string().describe('All requested settings except concurrency and image'),
  measuredAt: z.iso.datetime(),
  verdict: verdict.exclude(['invalid']),
  reasons: z.array(z.string()).describe('Why it is suspect'),
  shape,
  series,
  model: z.string(),
  image: z.string(),
  layout: z.string(),
  conc: z.int().positive(),
  fields: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .describe('Other settings by name, such as `router`'),
  gpus: gpuCounts,
  metrics: z
    .partialRecord(metricName, z.number())
    .describe(
      'Times in ms, throughputs in tok/s/GPU, interactivity in tok/s/user; metrics that were not measured are absent',
    ),
  unknown: z.array(metricName).describe('Absent metrics that should have been measured but are unknown'),
  intervals: z
    .partialRecord(metricName, z.tuple([z.number(), z.number()]))
    .describe('95 % confidence intervals'),
});

/** Converts a stored point into its public form. */
export function viewOf(point: StoredPoint, gpus: KnownGpus): z.infer<typeof pointView> {
  const { id, sweepId, configurationId, measuredAt, verdict, reasons, row } = point;
  const measured = Object.entries(metricsOf(point)).filter(([, value]) => value !== null);
  return {
    id,
    runId: sweepId,
    origin: originOf(point),
    configurationId,
    measuredAt,
    verdict,
    reasons: reasons.map(publicText),
    shape: shapeOf(row),
    series: seriesOfPoint(row, gpus),
    model: publicName(row.model),
    image: publicName(row.image),
    layout: layoutName(row),
    conc: row.conc,
    fields: publicFieldsOfOne(row),
    gpus: gpuCountsOf(point),
    metrics: Object.fromEntries(measured),
    unknown: unknownMetricsOf(point),
    intervals: intervalsOf(point),
  };
}
