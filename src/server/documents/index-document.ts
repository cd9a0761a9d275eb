import { z } from 'zod';
import { shape } from './columns.ts';
import { run } from './runs.ts';

/** `index`: what there is, for the choices of every view. */
export const indexDocument = z.object({
  product: z.object({ name: z.string(), version: z.string() }),
  /** When the newest measurement in here was begun, ISO 8601; null while there is none. */
  asOf: z.iso.datetime().nullable(),
  /** When these files were written, ISO 8601; null where a server answers. */
  publishedAt: z.iso.datetime().nullable(),
  /** A measurement older than this many days is to be shown as stale. */
  staleAfterDays: z.number().positive(),
  shapes: z.array(
    shape.extend({
      /** The models behind the prefix. */
      models: z.array(z.string()),
      /** Latest points, one of every configuration and concurrency. */
      points: z.int().nonnegative(),
      oldestMeasuredAt: z.iso.datetime(),
      newestMeasuredAt: z.iso.datetime(),
      hardware: z.array(z.string()),
      frameworks: z.array(z.string()),
      precisions: z.array(z.string()),
    }),
  ),
  /** Newest first; all of them are in `runs`. */
  newestRuns: z.array(run),
  counts: z.object({ points: z.int(), runs: z.int(), evals: z.int() }),
});
