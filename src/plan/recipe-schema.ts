import { z } from 'zod';

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
/** The server that a recipe returns for a point. */
export const serverSchema = z.object({
  ...process,
  acceleratorCount: z.int().positive(),
  disaggregated: z.object({ workers: z.array(worker), frontends: z.int().positive() }).exactOptional(),
});

/** The settings of the load generator for a point. */
export const clientSchema = z.object({
  numPrompts: z.int().positive(),
  warmupRequests: z.int().nonnegative(),
  randomRangeRatio: z.number(),
  useChatTemplate: z.boolean(),
  seed: z.int(),
});
