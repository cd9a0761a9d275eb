import { z } from 'zod';
import { nearestIssue } from './schema-words.ts';

/** Elements that are wrong, after which nobody reads on: a file of millions would have a problem for each. */
const mostWrong = 10;

/** A list whose elements are each what a schema says; only the first few that are not are named. */
export function listOf<Schema extends z.ZodType>(element: Schema) {
  return z.array(z.unknown()).transform((list, context) => read(list.entries(), element, context));
}

/** A map whose values are each what a schema says, as the list of its values; the same holds of what is not. */
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
