import { z } from 'zod';
import type { TelemetryFigure } from './incoming.ts';

const figure = z.looseObject({
  device: z.string(),
  metric: z.string(),
  samples: z.int().nonnegative(),
  mean: z.number(),
  min: z.number(),
  max: z.number(),
});

const telemetrySchema = z.looseObject({
  mean_power_w: z.number().nullish().catch(null),
  energy_j: z.number().nullish().catch(null),
  figures: z.array(figure).optional().catch(undefined),
});

/** The telemetry of a raw result in the form the store keeps it; nothing where there is none. */
export function telemetryOf(telemetry: unknown): {
  readonly powerW: number | null;
  readonly energyJ: number | null;
  readonly telemetry: readonly TelemetryFigure[];
} {
  const parsed = telemetrySchema.safeParse(telemetry);
  if (!parsed.success) return { powerW: null, energyJ: null, telemetry: [] };
  const { mean_power_w: powerW, energy_j: energyJ, figures } = parsed.data;
  return { powerW: powerW ?? null, energyJ: energyJ ?? null, telemetry: figures ?? [] };
}
