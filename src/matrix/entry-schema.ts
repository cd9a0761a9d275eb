import { z } from 'zod';
import type { MatrixEntry } from './entry.ts';

const shared = {
  image: z.string(),
  model: z.string(),
  'model-prefix': z.string(),
  precision: z.string(),
  framework: z.string(),
  runner: z.string(),
  isl: z.int().positive(),
  osl: z.int().positive(),
  'spec-decoding': z.string(),
  'max-model-len': z.int().positive(),
  'exp-name': z.string(),
  disagg: z.boolean(),
};

const workerGroup = z.strictObject({
  'num-worker': z.int().positive(),
  tp: z.int().positive(),
  ep: z.int().positive(),
  'dp-attn': z.boolean(),
  'additional-settings': z.array(z.string()).exactOptional(),
});

/** Matrix entries as JSON, for reading what `inferencemax generate` printed. */
export const matrixEntrySchema = z.union([
  z.strictObject({
    ...shared,
    tp: z.int().positive(),
    ep: z.int().positive(),
    'dp-attn': z.boolean(),
    conc: z.int().positive(),
  }),
  z.strictObject({
    ...shared,
    prefill: workerGroup,
    decode: workerGroup,
    conc: z.array(z.int().positive()).min(1),
  }),
]) satisfies z.ZodType<MatrixEntry>;
