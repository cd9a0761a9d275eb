import { z } from 'zod';
import { telemetrySources } from '../../telemetry/index.ts';
import type { TelemetryFigure } from './incoming.ts';
import { isStorableText, largestInteger } from './storable.ts';

const figure = z.object({ mean: z.number(), min: z.number(), max: z.number() });

/** The stored fields of the telemetry of a measured window (src/telemetry/README.md). */
const telemetrySchema = z.object({
  accelerators: z.record(z.string(), z.unknown()).optional(),
  host: z.record(z.string(), z.unknown()).optional(),
  engine: z.record(z.string(), z.unknown()).optional(),
  sampling: z
    .record(
      z.string(),
      z.object({ subject: z.string().optional(), samples: z.int().nonnegative().max(largestInteger) }),
    )
    .default({}),
});

/** The subject of each source, for results of 0.1, which do not contain it. */
const subjectOf = new Map(telemetrySources.map(({ name, subject }): [string, string] => [name, subject]));

/** The sampled figures of a raw result's telemetry; empty without telemetry. */
export function telemetryOf(telemetry: unknown): readonly TelemetryFigure[] {
  const parsed = telemetrySchema.safeParse(telemetry);
  if (!parsed.success) return [];
  const { sampling } = parsed.data;
  return (['accelerators', 'host', 'engine'] as const).flatMap((device) => {
    const counts = Object.entries(sampling).flatMap(
      ([source, { subject = subjectOf.get(source), samples }]) => (subject === device ? [samples] : []),
    );
    const samples = Math.max(0, ...counts);
    return Object.entries(parsed.data[device] ?? {}).flatMap(([metric, value]) => {
      const { success, data } = figure.safeParse(value);
      return success && isStorableText(metric) ? [{ device, metric, samples, ...data }] : [];
    });
  });
}
