import { z } from 'zod';
import { matrixEntrySchema } from '../identity/index.ts';
import { launcherKinds } from '../launchers/index.ts';
import { recipesOf } from './recipe.ts';
import { clientSchema, serverSchema } from './recipe-schema.ts';
import { sendsSchema } from './sends.ts';
import type { Plan } from './session.ts';

const point = z.object({
  id: z.string(),
  entry: matrixEntrySchema,
  conc: z.int().positive(),
  hardware: z.string(),
  client: clientSchema,
  phaseGpus: z.object({ prefill: z.int().positive(), decode: z.int().nonnegative() }).exactOptional(),
  recipe: z.enum(recipesOf).exactOptional(),
  sends: sendsSchema.exactOptional(),
});

const session = z.object({
  id: z.string(),
  hardware: z.string(),
  pool: z.string().exactOptional(),
  runner: z.string(),
  launcher: z.enum(launcherKinds),
  framework: z.string(),
  image: z.string(),
  model: z.string(),
  dummyWeights: z.literal(true).exactOptional(),
  acceptance: z
    .object({ name: z.string(), lengths: z.record(z.string(), z.number()).exactOptional() })
    .exactOptional(),
  reasons: z.record(z.string(), z.string()).exactOptional(),
  server: serverSchema,
  serverBy: z.partialRecord(z.enum(launcherKinds), serverSchema).exactOptional(),
  shared: z
    .object({
      maxConc: z.int().positive(),
      servers: z.int().positive(),
      caps: z.record(z.string(), z.string()),
    })
    .exactOptional(),
  points: z.array(point),
});

/** A plan as JSON, to read what an earlier process wrote. */
export const planSchema = z.object({
  launcher: z.enum(launcherKinds).exactOptional(),
  sessions: z.array(session),
}) satisfies z.ZodType<Plan>;
