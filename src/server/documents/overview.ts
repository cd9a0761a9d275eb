import { z } from 'zod';
import { changelogEntry } from './changelog.ts';
import { series, shape } from './columns.ts';

/** A figure on a frontier: at a measured point, or on the straight line between two neighbours; never beyond its ends. */
const onFrontier = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('measured'), id: z.string() }),
  z.object({ kind: z.literal('interpolated'), ids: z.tuple([z.string(), z.string()]) }),
]);

/** $ per million tokens by who pays; null where the hardware has no constants. Which tokens: the field's name. */
const costs = z.object({
  hyperscaler: z.number().nullable(),
  neocloud: z.number().nullable(),
  rental: z.number().nullable(),
});

const place = z.object({
  /** Index into the shape's `series`. */
  series: z.int().nonnegative(),
  at: onFrontier,
  totalTputPerGpu: z.number(),
  usdPerMillionTotalTokens: costs,
  totalTokensPerSPerMw: z.number().nullable(),
  /** The older of the measurements it rests on, ISO 8601. */
  measuredAt: z.iso.datetime(),
});

export const overviewShape = shape.extend({
  series: z.array(series),
  /** Of each hardware key the best over all its series: throughput of all tokens per GPU over median interactivity. */
  frontiers: z.array(
    z.object({
      hw: z.string(),
      gpu: z.string().nullable(),
      /** By rising interactivity. */
      points: z.array(
        z.object({
          id: z.string(),
          /** Index into `series`. */
          series: z.int().nonnegative(),
          medianInteractivity: z.number(),
          totalTputPerGpu: z.number(),
        }),
      ),
    }),
  ),
  levels: z.array(
    z.object({
      /** tok/s/user that every place of the ranking gives at the median. */
      medianInteractivity: z.number().positive(),
      /** The best of each hardware that reaches this level, the highest throughput first. */
      ranking: z.array(place),
      /** Hardware that was measured, but never at this level or above. */
      outOfReach: z.array(z.string()),
    }),
  ),
});

const change = z.object({
  shape,
  series,
  layout: z.string(),
  conc: z.int().positive(),
  metric: z.literal('totalTputPerGpu'),
  before: z.object({ id: z.string(), measuredAt: z.iso.datetime(), value: z.number(), image: z.string() }),
  after: z.object({ id: z.string(), measuredAt: z.iso.datetime(), value: z.number(), image: z.string() }),
  /** (after − before) / before. */
  relative: z.number(),
  /** The changelog entries that asked for the new measurement; empty where none did. */
  changelog: z.array(changelogEntry),
});

/** `overview`: the answer at a glance. */
export const overviewDocument = z.object({
  shapes: z.array(overviewShape),
  /** Of the week before the newest measurement, the largest first, at most one per series and shape. */
  changes: z.array(change),
  /** The window of `changes`, ISO 8601; null while there is no measurement. */
  changesSince: z.iso.datetime().nullable(),
});
