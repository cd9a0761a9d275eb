import { z } from 'zod';

/** Schema parts that several sections of a recipe share. */

export const text = z.string().min(1, 'expected a text, found an empty one');

/** A field that may be absent or null, which mean the same. */
export const nullable = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().exactOptional();

/** A single allowed value, whose other values this version does not run. */
export const only = <Value extends string>(value: Value) =>
  z.literal(value, `expected ${value}: other values are not supported`).default(value);

/** Options that are passed on as they are. */
export const fields = z.record(z.string(), z.unknown());

/** Variables of a process; numbers are written in quotes, as in the environment. */
export const environment = z.record(z.string(), z.string()).default({});
