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

/** The field that a value is of. */
const fieldOf = ({ line }: RowField) => identityFields.find((field) => field.line === line);

/** A count that may be written as a text; one that cannot be read is left out. */
const count = z.coerce.number().int().optional().catch(undefined);
/** A switch in any spelling: `true`, `"True"` and `"true"` are equal. */
const flag = z
  .union([z.string(), z.boolean()])
  .transform((value) => String(value).toLowerCase())
  .nullish();

const shapeOf = <Schema extends z.ZodType>(fields: readonly RowField[], schema: Schema) =>
  Object.fromEntries(fields.map(({ row }) => [row, schema]));

/** What `meta_env.json` beside the results of an eval job says about the job; other fields are ignored. */
export const evalJobSchema = z.object({
  ...shapeOf(texts, z.string().default('unknown')),
  ...shapeOf([...counts, ...roleCounts], count),
  ...shapeOf([...multinode, ...dpAttention, ...roleDpAttention], flag),
});

export type EvalJob = z.output<typeof evalJobSchema>;

/** Public accuracy rows have these in upper or lower case, whatever the job's spelling. */
const cases: Readonly<Record<string, (text: string) => string>> = {
  hw: (text) => text.toUpperCase(),
  framework: (text) => text.toLowerCase(),
  precision: (text) => text.toLowerCase(),
};

/**
 * The engine whose answers an accuracy row is about, under the names of public accuracy rows. A role that has no
 * layout has that of the whole engine, or 1; a length or a concurrency that is not known is 0.
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
