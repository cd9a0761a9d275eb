import type { z } from 'zod';
import { WorkError } from '../errors.ts';
import { gpusOfWorker, productOf, type Values } from './entry.ts';
import { fingerprintOf } from './fingerprint.ts';
import {
  entryRowFields,
  fieldNamed,
  identityFields,
  type Line,
  type LineWith,
  nodeRowFields,
  type OptionalLine,
  type Role,
  type RowField,
  type RowName,
  type RowValues,
  roleRowFields,
  roles,
  rowFields,
} from './spelling.ts';
import { isLeftOut, isTrue, type RowValue, valueTypes } from './values.ts';

type EntryLine = LineWith<{ readonly of: 'entry' }>;
type Required = Exclude<EntryLine, OptionalLine>;

/** The identity fields of a published row (contract §5), in row order. */
export type RowIdentity = { readonly [One in Required as RowName<One>]: RowValues[One['type']] } & {
  readonly [One in Exclude<Line, Required> as RowName<One>]?: RowValues[One['type']];
};

/** A point as it was requested. */
export interface AskedPoint {
  /** A matrix entry, or the corresponding part of an older or looser file. */
  readonly entry: Values;
  /** Requests in flight. */
  readonly conc: number;
  /** The name of the runner pool. */
  readonly hardware: string;
  /** GPUs of all workers of each role, from the plan; otherwise computed from the entry's parallelism. */
  readonly phaseGpus?: Readonly<Record<Role, number>> | undefined;
  /** The kind of recipe, if it is not specific to this model and hardware. */
  readonly recipe?: string | undefined;
}

/** The identity of the row of this point. */
export function rowIdentity({ entry, conc, hardware, phaseGpus, recipe }: AskedPoint): RowIdentity {
  const multinode = roles.some((role) => role in entry);
  const known: Values = {
    ...entry,
    conc,
    hw: hardware,
    multinode,
    [fingerprint.entry]: fingerprintOf(entry),
    [recipeKind.entry]: recipe,
  };
  const groups = new Map(roles.map((role) => [role, groupOf(entry[role])]));
  return filled((field) => {
    if (field.role === undefined) return known[entryNameOf(field)];
    const group = groups.get(field.role) ?? {};
    if (field.line === gpus.line) return phaseGpus?.[field.role] ?? gpusOfGroup(group);
    return group[entryNameOf(field)];
  }, multinode);
}

function groupOf(group: unknown): Values {
  return typeof group === 'object' && group !== null ? { ...group } : {};
}

const fingerprint = fieldNamed('recipeFingerprint');
const recipeKind = fieldNamed('recipeKind');
const gpus = fieldNamed('gpus');
const entryNames = new Map(identityFields.map(({ line, entry }) => [line, entry]));

function entryNameOf({ line }: RowField): string {
  return entryNames.get(line) ?? line.name;
}

const numWorkers = fieldNamed('numWorkers');

/** GPUs of all workers of a role. */
function gpusOfGroup(group: Values): number {
  return Number(group[numWorkers.entry] ?? Number.NaN) * gpusOfWorker(group);
}

/** GPUs of a single-node engine, by its row. */
export function gpusOfNodeRow(row: Values): number {
  return productOf(nodeRowFields.map(({ line, row: name }) => [line.multipliesGpus === true, row[name]]));
}

/**
 * The GPU counts that throughputs of a row are divided by: all, prefill, decode (contract §5). Workers that do both
 * count as prefill, and their output is divided by all GPUs (contract F10).
 */
export function gpusOfRow(row: RowIdentity): { all: number; prefill: number; decode: number } {
  const all = gpusOfNodeRow(row);
  if (!row.is_multinode) return { all, prefill: all, decode: all };
  const { num_prefill_gpu: prefill = Number.NaN, num_decode_gpu: decode = Number.NaN } = row;
  return { all: prefill + decode, prefill, decode: isAggregated(row) ? prefill : decode };
}

/** Whether the engine has several nodes and no decode-only workers. */
export function isAggregated(row: RowIdentity): boolean {
  return row.is_multinode && row.num_decode_gpu === 0;
}

/** The identity of a row from the known values of its fields; fields that do not apply are absent. */
function filled(read: (field: RowField) => unknown, multinode: boolean): RowIdentity {
  const fields = [...entryRowFields, ...(multinode ? roleRowFields : nodeRowFields)];
  const idle = roles.filter((role) => gpus.byRole.some((one) => one.role === role && read(one) === 0));
  const values = fields.flatMap((field): [string, RowValue][] => {
    const isIdle = field.role !== undefined && idle.includes(field.role);
    const value = isIdle ? idleValue(field, read) : read(field);
    if (value === undefined || isLeftOut(field.line, value)) return [];
    return [[field.row, valueTypes[field.line.type].toRow(value as RowValue)]];
  });
  return Object.fromEntries(values) as RowIdentity;
}

/**
 * A row that includes the fields which the August contract writes even at their defaults: context and pipeline
 * parallelism of 1, an empty recipe fingerprint (contract F10).
 */
export function spelledOut<Row extends RowIdentity>(row: Row): Row {
  const layout = row.is_multinode ? roleRowFields : nodeRowFields;
  const initial = layout.flatMap(({ line, row: name }): [string, RowValue][] =>
    line.of === 'layout' && line.optional === true && line.default !== undefined
      ? [[name, line.default]]
      : [],
  );
  return { ...Object.fromEntries([[fingerprint.whole?.row ?? '', ''], ...initial]), ...row };
}

/** The value for a role without GPUs, whatever the config says (contract F10): 0 for counts, no other layout fields. */
function idleValue(field: RowField, read: (field: RowField) => unknown): unknown {
  if (field.mayBeZero) return 0;
  return field.line.of === 'layout' && field.line.optional === true ? undefined : read(field);
}

/** The environment variables of a job. */
export type JobVariables = Readonly<Record<string, string | undefined>>;

/** Fields that come from a job's raw result instead of its environment. */
const measured = ['conc', 'model'] as const satisfies readonly Line['name'][];
type Measured = Pick<RowIdentity, (typeof measured)[number]>;

const multinodeVariable = fieldNamed('multinode').whole?.script ?? '';
const fromEnvironment = entryRowFields.filter(
  ({ line, script }) => script !== multinodeVariable && !measured.some((name) => name === line.name),
);

/** Whether a job measures an engine on several nodes. */
export function isMultinodeJob(environment: JobVariables): boolean {
  return isTrue(environment[multinodeVariable]);
}

/** The variables of a job on several nodes that say how many GPUs each role has. */
export const roleGpuVariables = Object.fromEntries(
  gpus.byRole.flatMap(({ role, script }) => (role === undefined ? [] : [[role, script]])),
) as Readonly<Record<Role, string>>;

/**
 * The identity of the point that a job measured, from its environment (contract §5). Throws WorkError that names all
 * missing variables, including those that the caller needs, or the one with an invalid value.
 */
export function identityOfJob(
  environment: JobVariables,
  alsoNeeded: readonly string[] = [],
): (result: Measured) => RowIdentity {
  const multinode = isMultinodeJob(environment);
  const layout = multinode ? roleRowFields : nodeRowFields;
  const needed = [...fromEnvironment, ...layout].filter(({ line }) => line.optional !== true);
  const missing = [...needed.map(({ script }) => script), ...alsoNeeded].filter(
    (name) => (environment[name] ?? '') === '',
  );
  if (missing.length > 0) {
    throw new WorkError(`missing environment variables: ${missing.join(', ')}`, {
      code: 'bad-variable',
      hint: 'set them as in the benchmark job; an aggregate row combines them with the raw result',
    });
  }
  const values = new Map(
    [...fromEnvironment, ...layout].flatMap((field): [string, RowValue][] => {
      const { line, row, script } = field;
      const written = environment[script] ?? '';
      return written === '' ? [] : [[row, valueTypes[line.type].fromScript(written, field)]];
    }),
  );
  if (multinode) refuseOneRole(environment);
  const disagg = fieldNamed('disagg').whole;
  if (!multinode && disagg !== undefined && values.get(disagg.row) === true)
    throw new WorkError(`${disagg.script} is true, which needs ${multinodeVariable}=true as well`, {
      code: 'bad-variable',
    });
  values.set(fieldNamed('multinode').whole?.row ?? '', multinode);
  return (result) => {
    const known: Values = { ...Object.fromEntries(values), ...result };
    return filled(({ row }) => known[row], multinode);
  };
}

/** Checks that variables which both roles need are set for both or for neither. */
function refuseOneRole(variables: JobVariables): void {
  for (const { line, byRole } of identityFields) {
    if (line.bothRoles !== true) continue;
    const isGiven = ({ script }: RowField) => (variables[script] ?? '') !== '';
    const [given, missing] = [byRole.find(isGiven), byRole.find((one) => !isGiven(one))];
    if (given !== undefined && missing !== undefined)
      throw new WorkError(
        `${missing.script} is missing; ${given.script} is given, and both are or neither is`,
        { code: 'bad-variable' },
      );
  }
}

/** The variables that tell a benchmark script what to measure (contract §5, §7). */
export function scriptVariables(point: AskedPoint): Record<string, string> {
  const row: Values = rowIdentity(point);
  return Object.fromEntries(
    rowFields.flatMap(({ line, row: name, script }) => {
      const value = row[name];
      return value === undefined ? [] : [[script, valueTypes[line.type].toScript(value as RowValue)]];
    }),
  );
}

type RowSchemas = { [One in Required as RowName<One>]: z.ZodType<RowValues[One['type']]> };

/** Schemas of the identity fields that every row has. */
export const rowIdentityShape = Object.fromEntries(
  entryRowFields
    .filter(({ line }) => line.optional !== true)
    .map(({ line, row }) => [row, valueTypes[line.type].rowSchema]),
) as RowSchemas;
