import { z } from 'zod';
import type { AgenticEntry, EntryValues, GeneratedEntry, MatrixEntry, Planned } from './entry.ts';
import {
  type EntryName,
  fieldsInSlot,
  type Line,
  type LineWith,
  type OptionalLine,
  type Role,
} from './spelling.ts';
import { type ConfigPlace, type EntrySlot, entrySlots, type IdentityLine, type Scope } from './table.ts';
import { configSchemaOf, entrySchemaOf } from './values.ts';

type Schema<L extends Line> = z.ZodType<EntryValues[L['type']]>;

/** The traffic of a measurement: requests of fixed lengths, or agentic traces. */
export const scenarios = ['fixed-seq-len', 'agentic-coding'] as const;
export type Scenario = (typeof scenarios)[number];

/** Schemas of fields by their names in entries. */
type EntryShape<L extends Line> = {
  [One in L as EntryName<One>]: One extends OptionalLine ? z.ZodExactOptional<Schema<One>> : Schema<One>;
};

/** Schemas of fields by their names in configs. */
type ConfigShape<L extends Line, Required extends boolean> = {
  [One in L as EntryName<One>]: One extends OptionalLine
    ? z.ZodExactOptional<Schema<One>>
    : One extends { readonly default: unknown }
      ? Required extends true
        ? Schema<One>
        : One extends { readonly of: 'entry' }
          ? z.ZodDefault<Schema<One>>
          : z.ZodExactOptional<Schema<One>>
      : Schema<One>;
};

/** The fields of entries in entry order. */
const fieldsOfEntries = entrySlots.flatMap(fieldsInSlot);

/** Schemas by name. The cast is safe: their type derives from the same table. */
function shapeOf<Shape>(
  chosen: (line: IdentityLine) => boolean,
  schemaOf: (line: IdentityLine) => z.ZodType,
): Shape {
  return Object.fromEntries(
    fieldsOfEntries.filter(({ line }) => chosen(line)).map(({ line, entry }) => [entry, schemaOf(line)]),
  ) as Shape;
}

type InEntry<Slot extends EntrySlot, Of extends Scope> = Exclude<
  LineWith<{ readonly slot: Slot; readonly of: Of }>,
  Planned
>;

function entryShape<Slot extends EntrySlot, Of extends Scope>(
  slots: readonly Slot[],
  scope: Of,
  role?: Role,
): EntryShape<InEntry<Slot, Of>> {
  return shapeOf(
    ({ slot, of }) => isAmong(slots, slot) && of === scope,
    (line) => {
      const schema = entrySchemaOf(line, role);
      return line.optional === true ? schema.exactOptional() : schema;
    },
  );
}

function isAmong<Value>(values: readonly Value[], value: unknown): boolean {
  return values.some((one) => one === value);
}

type InConfig<Place extends ConfigPlace, Of extends Scope> = Exclude<
  LineWith<{ readonly config: Place; readonly of: Of }>,
  Planned
>;

/**
 * Schemas of the config fields at some places, for single-node or multi-node configs. A default of the whole entry is
 * filled in; a layout field with a default may be omitted, unless `required` demands all fields of January's contract.
 * `scenario` is for August's form: without it, or with another one, fields of a scenario are not allowed.
 */
export function configShape<Place extends ConfigPlace, Of extends Scope, Required extends boolean = false>(
  places: readonly Place[],
  scopes: readonly Of[],
  {
    required,
    nodes,
    role,
    scenario,
  }: {
    readonly required?: Required;
    readonly nodes?: 'one';
    readonly role?: Role;
    readonly scenario?: Scenario;
  } = {},
): ConfigShape<InConfig<Place, Of>, Required> {
  return shapeOf(
    ({ config, of, only, scenario: own = scenario }) =>
      isAmong(places, config) &&
      isAmong(scopes, of) &&
      !(nodes === 'one' && only === 'several-nodes') &&
      (scenario === undefined || own === scenario),
    (line) => {
      const schema = configSchemaOf(line, role);
      const isAsked = line.scenario !== undefined && line.scenario === scenario && nodes === 'one';
      if (isAsked && line.goesWith === undefined) return schema;
      if (line.optional === true) return schema.exactOptional();
      if (line.default === undefined || required === true) return schema;
      return line.of === 'entry' ? schema.default(line.default) : schema.exactOptional();
    },
  );
}

/** Accuracy checks of an entry by August's contract (contract F3). */
const evalMarks = {
  'run-eval': z.boolean().exactOptional(),
  'eval-conc': z.int().positive().exactOptional(),
  'eval-all-concs': z.boolean().exactOptional(),
  'eval-only': z.boolean().exactOptional(),
};

const text = z.string();
const count = z.int().positive();
const layout = entryShape(entrySlots, 'layout');
/** Parsing an entry and writing it again keeps the order of its fields. */
const shared = {
  ...entryShape(['served', 'served-by'], 'entry'),
  runner: text,
  ...entryShape(['shape', 'tensor', 'sharing', 'engine'], 'entry'),
  'max-model-len': count,
  'exp-name': text,
  ...entryShape(['disagg', 'more'], 'entry'),
  ...evalMarks,
};
const workerGroup = (role: Role) =>
  z.strictObject({
    ...entryShape(entrySlots, 'role', role),
    ...layout,
    'additional-settings': z.array(text).exactOptional(),
  });

/** Matrix entries as JSON, as `inferencemax generate` prints them. */
export const matrixEntrySchema = z.union([
  z.strictObject({ ...shared, ...layout, conc: count }),
  z.strictObject({
    ...shared,
    prefill: workerGroup('prefill'),
    decode: workerGroup('decode'),
    conc: z.array(count).min(1),
  }),
]) satisfies z.ZodType<MatrixEntry>;

const ofTraces = {
  ...entryShape(['served', 'served-by'], 'entry'),
  runner: text,
  ...entryShape(['engine', 'more'], 'entry'),
  'scenario-type': z.literal('agentic-coding'),
  'total-cpu-dram-gb': z.int().nonnegative(),
  duration: count,
  'exp-name': text,
  ...evalMarks,
};

/** Agentic entries as JSON. */
export const agenticEntrySchema = z.union([
  z.strictObject({ ...ofTraces, ...layout, conc: count }),
  z.strictObject({
    ...ofTraces,
    ...entryShape(['disagg'], 'entry'),
    prefill: workerGroup('prefill'),
    decode: workerGroup('decode'),
    conc: z.array(count).min(1),
  }),
]) satisfies z.ZodType<AgenticEntry>;

/** Everything that `inferencemax generate` prints. */
export const generatedEntrySchema = z.union([
  ...matrixEntrySchema.options,
  ...agenticEntrySchema.options,
]) satisfies z.ZodType<GeneratedEntry>;
