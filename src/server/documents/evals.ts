import { z } from 'zod';

/** `evals`: accuracy scores beside what was served, newest first. */
export const evalsDocument = z.object({
  total: z.int().nonnegative(),
  evals: z.array(
    z.object({
      id: z.string(),
      /** null where it came without a run. */
      runId: z.string().nullable(),
      measuredAt: z.iso.datetime(),
      model: z.string(),
      /** null where it is not known. */
      modelPrefix: z.string().nullable(),
      hw: z.string(),
      gpu: z.string().nullable(),
      framework: z.string(),
      precision: z.string(),
      specDecoding: z.string(),
      /** null where it is not known. */
      conc: z.int().positive().nullable(),
      task: z.string(),
      metric: z.string(),
      /** As the task scores, usually 0 to 1. */
      score: z.number(),
      /** null where the task gave none. */
      standardError: z.number().nullable(),
      samples: z.int().positive().nullable(),
      /** Where it was published, for one that was imported. */
      source: z.string().nullable(),
    }),
  ),
});
