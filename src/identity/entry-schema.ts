import type { z } from 'zod';
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

export type FieldSchema<L extends Line> = z.ZodType<EntryValues[L['type']]>;

/** The schemas of fields by their names in configs. */
type ConfigShape<L extends Line, Required extends boolean> = {
  [One in L as EntryName<One>]: One extends OptionalLine
    ? z.ZodExactOptional<FieldSchema<One>>
    : One extends { readonly default: unknown }
      ? Required extends true
        ? FieldSchema<One>
        : One extends { readonly of: 'entry' }
          ? z.ZodDefault<FieldSchema<One>>
          : z.ZodExactOptional<FieldSchema<One>>
      : FieldSchema<One>;
};

/** The fields of entries in the order that entries have them in. */
const fieldsOfEntries = entrySlots.flatMap(fieldsInSlot);

/** Schemas by name; the table that they are made of is also what their type is made of. */
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
 * What configs of one node or of several have at some places. A default of the whole entry is filled in, one of a layout may be left out, unless
 * all is `required` that January's contract has.
 */
export function configShape<Place extends ConfigPlace, Of extends Scope, Required extends boolean = false>(
  places: readonly Place[],
  scopes: readonly Of[],
  {
    required,
    nodes,
    role,
  }: { readonly required?: Required; readonly nodes?: 'one'; readonly role?: Role } = {},
): ConfigShape<InConfig<Place, Of>, Required> {
  return shapeOf(
    ({ config, of, only }) =>
      isAmong(places, config) && isAmong(scopes, of) && !(nodes === 'one' && only === 'several-nodes'),
    (line) => {
      const schema = configSchemaOf(line, role);
      if (line.optional === true) return schema.exactOptional();
      if (line.default === undefined || required === true) return schema;
      return line.of === 'entry' ? schema.default(line.default) : schema.exactOptional();
    },
  );
}
