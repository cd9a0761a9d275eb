import { z } from 'zod';
import { columnsDocument, shape, verdict } from './columns.ts';

/** A run: a set of points measured together. */
export const run = z.object({
  id: z.string(),
  createdAt: z.iso.datetime(),
  /** What started it, such as `quickstart`. */
  command: z.string(),
  measurements: z.record(verdict, z.int().nonnegative()),
});

/** `runs`: newest first, at most 1000; `/api/v1/runs` has all, in pages. */
export const runsDocument = z.object({ total: z.int().nonnegative(), runs: z.array(run) });

/** `runs/<id>`: a run, and what it published by shape. */
export const runDocument = z.object({
  run,
  shapes: z.array(columnsDocument.extend({ shape })),
  /** What it did not publish, with the reason. */
  invalid: z.array(z.object({ id: z.string(), measuredAt: z.iso.datetime(), reasons: z.array(z.string()) })),
});
