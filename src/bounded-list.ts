import { z } from 'zod';
import { nearestIssue } from './schema-words.ts';

/** Report at most this many wrong elements; a file with millions would give an error for each. */
const mostWrong = 10;

/** A list whose elements match a schema; only the first few errors are reported. */
export function listOf<Schema extends z.ZodType>(element: Schema) {
  return z.array(z.unknown()).transform((list, context) => read(list.entries(), element, context));
}

/** A map whose values match a schema, as a list of values; only the first few errors are reported. */
export function valuesOf<Schema extends z.ZodType>(value: Schema) {
  return z
    .record(z.string(), z.unknown())
    .transform((map, context) => read(Object.entries(map), value, context));
}

function read<Schema extends z.ZodType>(
  entries: Iterable<readonly [PropertyKey, unknown]>,
  schema: Schema,
  context: z.RefinementCtx,
): z.output<Schema>[] {
  const values: z.output<Schema>[] = [];
  let wrong = 0;
  for (const [key, value] of entries) {
    const parsed = schema.safeParse(value);
    if (parsed.success) {
      values.push(parsed.data);
      continue;
    }
    for (const issue of parsed.error.issues.slice(0, mostWrong)) {
      const { path, message } = nearestIssue(issue, [key]);
      context.addIssue({ code: 'custom', path: [...path], message });
    }
    if (++wrong === mostWrong) break;
  }
  return wrong === 0 ? values : z.NEVER;
}
