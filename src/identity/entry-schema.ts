import type { z } from 'zod';
import { workloadKinds } from '../workload/index.ts';
import type { EntryValues, Planned } from './entry.ts';
import {
  type EntryName,
  fieldsInSlot,
  type Line,
  type LineWith,
  type OptionalLine,
  type Role,
} from './spelling.ts';
import { type ConfigPlace, entrySlots, type IdentityLine, type Scope } from './table.ts';
import { configSchemaOf } from './values.ts';

/** The schema of a field's values. */
export type SchemaOfLine<L extends Line> = z.ZodType<EntryValues[L['type']]>;

/** The traffic of a measurement: requests of fixed lengths, agentic traces, or a workload of one of our kinds. */
export const scenarios = [
  'fixed-seq-len',
  'agentic-coding',
  ...workloadKinds.map(({ name }) => name),
] as const;
export type Scenario = (typeof scenarios)[number];
/** The field that names it. */
export const scenarioField = 'scenario-type';

/** Schemas of fields by their names in configs. */
type ConfigShape<L extends Line, Required extends boolean> = {
  [One in L as EntryName<One>]: One extends OptionalLine
    ? z.ZodExactOptional<SchemaOfLine<One>>
    : One extends { readonly default: unknown }
      ? Required extends true
        ? SchemaOfLine<One>
        : One extends { readonly of: 'entry' }
          ? z.ZodDefault<SchemaOfLine<One>>
          : z.ZodExactOptional<SchemaOfLine<One>>
      : SchemaOfLine<One>;
};

/** The fields of entries in entry order. */
const fieldsOfEntries = entrySlots.flatMap(fieldsInSlot);

/** Schemas by name. The cast is safe: their type derives from the same table. */
export function shapeOf<Shape>(
  chosen: (line: IdentityLine) => boolean,
  schemaOf: (line: IdentityLine) => z.ZodType,
): Shape {
  return Object.fromEntries(
    fieldsOfEntries.filter(({ line }) => chosen(line)).map(({ line, entry }) => [entry, schemaOf(line)]),
  ) as Shape;
}

export function isAmong<Value>(values: readonly Value[], value: unknown): boolean {
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
