import { z } from 'zod';
import { fieldNamed, identityFields, type Line, type RowField } from './spelling.ts';

const whole = (...names: readonly Line['name'][]): RowField[] =>
  names.flatMap((name) => fieldNamed(name).whole ?? []);

const texts = whole('modelPrefix', 'model', 'hw', 'framework', 'precision', 'specDecoding');
const counts = whole('isl', 'osl', 'conc', 'tp', 'ep');
const roleCounts = (['tp', 'ep', 'numWorkers'] as const).flatMap((name) => fieldNamed(name).byRole);
const multinode = whole('multinode');
const dpAttention = whole('dpAttention');
const roleDpAttention = fieldNamed('dpAttention').byRole;

/** The field that a value belongs to. */
const fieldOf = ({ line }: RowField) => identityFields.find((field) => field.line === line);

/** A count, possibly as text; an unreadable one is omitted. */
const count = z.coerce.number().int().optional().catch(undefined);
/** A boolean in any spelling: `true`, `"True"` and `"true"` are equal. */
const flag = z
  .union([z.string(), z.boolean()])
  .transform((value) => String(value).toLowerCase())
  .nullish();

const shapeOf = <Schema extends z.ZodType>(fields: readonly RowField[], schema: Schema) =>
  Object.fromEntries(fields.map(({ row }) => [row, schema]));

/** The job facts in `meta_env.json` next to the results of an eval job; other fields are ignored. */
export const evalJobSchema = z.object({
  ...shapeOf(texts, z.string().default('unknown')),
  ...shapeOf([...counts, ...roleCounts], count),
  ...shapeOf([...multinode, ...dpAttention, ...roleDpAttention], flag),
});

export type EvalJob = z.output<typeof evalJobSchema>;

/** The case of these fields in public accuracy rows, however the job spells them. */
const cases: Readonly<Record<string, (text: string) => string>> = {
  hw: (text) => text.toUpperCase(),
  framework: (text) => text.toLowerCase(),
  precision: (text) => text.toLowerCase(),
};

/**
 * The engine behind an accuracy row, by the field names of public accuracy rows. A role without its own layout has that
 * of the whole engine, or 1; an unknown length or concurrency is 0.
 */
export function evalRowIdentity(job: EvalJob): Record<string, string | number | boolean> {
  const numberAt = (name: string | undefined) => {
    const value = name === undefined ? undefined : job[name];
    return typeof value === 'number' ? value : undefined;
  };
  const ofRoles = Object.fromEntries(
    roleCounts.map((field) => [field.row, numberAt(field.row) ?? numberAt(fieldOf(field)?.whole?.row) ?? 1]),
  );
  const isMultinode = multinode.some(({ row }) => job[row] === 'true');
  const ofWhole = dpAttention.map(({ row }) => job[row]).at(0) ?? 'none';
  const attention = roleDpAttention.map(({ row, role }) => ({ row, role, value: job[row] ?? ofWhole }));
  const sameAttention = attention.every(({ value }) => value === attention[0]?.value)
    ? attention[0]?.value
    : attention.map(({ role, value }) => `${role}=${value}`).join(',');
  return Object.fromEntries([
    ...multinode.map(({ row }) => [row, isMultinode]),
    ...texts.map(({ row, column, line }) => {
      const text = String(job[row]);
      return [column, cases[line.name]?.(text) ?? text];
    }),
    ...counts.map((field) => [
      field.row,
      numberAt(field.row) ?? ofRoles[fieldOf(field)?.byRole[0]?.row ?? ''] ?? 0,
    ]),
    ...Object.entries(ofRoles),
    ...dpAttention.map(({ row }) => [row, isMultinode ? sameAttention : ofWhole]),
    ...attention.map(({ row, value }) => [row, value]),
  ]);
}
