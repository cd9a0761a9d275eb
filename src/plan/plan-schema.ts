import { z } from 'zod';
import { matrixEntrySchema } from '../identity/index.ts';
import { launcherKinds } from '../launchers/index.ts';
import type { Plan } from './session.ts';

const process = {
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  files: z.array(z.object({ path: z.string(), content: z.string() })),
};
const worker = z.object({
  role: z.enum(['prefill', 'decode']),
  count: z.int().positive(),
  nodesPerWorker: z.int().positive(),
  acceleratorsPerWorker: z.int().positive(),
  ...process,
});
const server = z.object({
  ...process,
  acceleratorCount: z.int().positive(),
  disaggregated: z.object({ workers: z.array(worker), frontends: z.int().positive() }).exactOptional(),
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
  phaseGpus: z.object({ prefill: z.int().positive(), decode: z.int().nonnegative() }).exactOptional(),
});

const session = z.object({
  id: z.string(),
  hardware: z.string(),
  runner: z.string(),
  launcher: z.enum(launcherKinds),
  framework: z.string(),
  image: z.string(),
  model: z.string(),
  server,
  serverBy: z.partialRecord(z.enum(launcherKinds), server).exactOptional(),
  shared: z
    .object({
      maxConc: z.int().positive(),
      servers: z.int().positive(),
      caps: z.record(z.string(), z.string()),
    })
    .exactOptional(),
  points: z.array(point),
});

/** A plan as JSON, for reading what an earlier process wrote. */
export const planSchema = z.object({ sessions: z.array(session) }) satisfies z.ZodType<Plan>;
