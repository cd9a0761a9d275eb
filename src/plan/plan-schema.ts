import { z } from 'zod';
import { matrixEntrySchema } from '../matrix/entry-schema.ts';
import type { Plan } from './session.ts';

const server = z.object({
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  files: z.array(z.object({ path: z.string(), content: z.string() })),
  acceleratorCount: z.int().positive(),
});

const client = z.object({
  numPrompts: z.int().positive(),
  warmupRequests: z.int().nonnegative(),
  randomRangeRatio: z.number(),
  useChatTemplate: z.boolean(),
  seed: z.int(),
});

const point = z.object({
  id: z.string(),
  entry: matrixEntrySchema,
  conc: z.int().positive(),
  hardware: z.string(),
  client,
});

const session = z.object({
  id: z.string(),
  hardware: z.string(),
  runner: z.string(),
  framework: z.string(),
  image: z.string(),
  model: z.string(),
  server,
  points: z.array(point),
});

/** A plan as JSON, for reading what an earlier process wrote. */
export const planSchema = z.object({ sessions: z.array(session) }) satisfies z.ZodType<Plan>;
