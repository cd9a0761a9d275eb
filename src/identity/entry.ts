import {
  type EntryName,
  entryFields,
  fieldsInSlot,
  identityFields,
  type Line,
  type LineWith,
  type OptionalLine,
  type Product,
  type Role,
  roles,
} from './spelling.ts';
import type { EntrySlot, Scope } from './table.ts';
import { isLeftOut } from './values.ts';

/** What a value is in configs and matrix entries. */
export interface EntryValues {
  readonly text: string;
  readonly count: number;
  readonly flag: boolean;
  readonly 'spelled-flag': boolean;
  readonly product: Product;
}

/** Fields as configs and entries have them; those that January's contract does not have may be absent. */
export type EntryFields<L extends Line> = {
  readonly [One in Exclude<L, OptionalLine> as EntryName<One>]: EntryValues[One['type']];
} & { readonly [One in Extract<L, OptionalLine> as EntryName<One>]?: EntryValues[One['type']] };

export type Planned = { readonly planned: true };
type SharedLine = Exclude<LineWith<{ readonly of: 'entry' }>, Planned>;
type LayoutLine = Exclude<LineWith<{ readonly of: 'layout' }>, Planned>;
type RoleLine = Exclude<LineWith<{ readonly of: 'role' }>, Planned>;

/** What is in an entry beside its identity. */
type OtherFields = {
  /** A runner pool, or one runner node. */
  readonly runner: string;
  /** Tokens the engine must be able to hold per request. */
  readonly 'max-model-len': number;
  readonly 'exp-name': string;
};

/** How an engine on one node is laid out over its GPUs. */
export type NodeLayout = EntryFields<LayoutLine>;

/** The workers of one role of an engine on several nodes. */
export type WorkerGroup = EntryFields<RoleLine | LayoutLine> & {
  readonly 'additional-settings'?: readonly string[];
};

/** One point: one engine on one node at one concurrency. */
export type SingleNodeEntry = EntryFields<SharedLine> & OtherFields & NodeLayout & { readonly conc: number };

/** A list of points measured on one multi-node engine. */
export type MultiNodeEntry = EntryFields<SharedLine> &
  OtherFields &
  Readonly<Record<Role, WorkerGroup>> & { readonly conc: readonly number[] };

export type MatrixEntry = SingleNodeEntry | MultiNodeEntry;

export function isMultiNode(entry: MatrixEntry): entry is MultiNodeEntry {
  return 'prefill' in entry;
}

export function isSingleNode(entry: MatrixEntry): entry is SingleNodeEntry {
  return !isMultiNode(entry);
}

/** Values by their names, as the functions below look at them. */
export type Values = Readonly<Record<string, unknown>>;

/** Entries are put together of the values that a config says and of what is computed. */
export interface EntryParts {
  /** By their names in configs: those of the config itself, its shape and the item. */
  readonly values: Values;
  readonly runner: string;
  readonly maxModelLen: number;
  readonly expName: string;
}

/** The entry of one node, its fields in the public order (contract §2). */
export function singleNodeEntry(parts: EntryParts, conc: number): SingleNodeEntry {
  return inOrder([
    ...beginning(parts, ['entry', 'layout']),
    ...inSlot('tensor', parts, ['layout']),
    ['conc', conc],
    ['max-model-len', parts.maxModelLen],
    ...inSlot('sharing', parts, ['layout']),
    ...inSlot('engine', parts, ['entry', 'layout']),
    ...end(parts, ['entry', 'layout']),
  ]);
}

/** The entry of several nodes, its fields in the public order (contract §2). */
export function multiNodeEntry(
  parts: EntryParts,
  groups: Readonly<Record<Role, WorkerGroup>>,
  conc: readonly number[],
): MultiNodeEntry {
  return inOrder([
    ...beginning(parts, ['entry']),
    ...inSlot('engine', parts, ['entry']),
    ...Object.entries(groups).map(([role, group]): Named => [role, writtenGroup(group)]),
    ['conc', conc],
    ['max-model-len', parts.maxModelLen],
    ...end(parts, ['entry']),
  ]);
}

type Named = readonly [name: string, value: unknown];

function beginning(parts: EntryParts, scopes: readonly Scope[]): Named[] {
  return [
    ...inSlot('served', parts, scopes),
    ...inSlot('served-by', parts, scopes),
    ['runner', parts.runner],
    ...inSlot('shape', parts, scopes),
  ];
}

function end(parts: EntryParts, scopes: readonly Scope[]): Named[] {
  return [['exp-name', parts.expName], ...inSlot('disagg', parts, scopes), ...inSlot('more', parts, scopes)];
}

/** The values of a slot's fields that are to be written. */
function inSlot(slot: EntrySlot, { values }: EntryParts, scopes: readonly Scope[]): Named[] {
  return fieldsInSlot(slot).flatMap(({ line, entry }): Named[] => {
    if (!scopes.includes(line.of)) return [];
    const value = values[entry] ?? line.default;
    return value === undefined || isLeftOut(line, value) ? [] : [[entry, value]];
  });
}

/** Fields by name; the table that they are made of is also what the type of an entry is made of. */
function inOrder<Entry>(fields: readonly Named[]): Entry {
  return Object.fromEntries(fields) as Entry;
}

/** A group of workers without what January's contract does not have and that is at its default anyway. */
export function writtenGroup(group: WorkerGroup): WorkerGroup {
  const values: Values = group;
  const left = identityFields.filter(
    ({ line, entry }) => entry in values && line.of !== 'entry' && isLeftOut(line, values[entry]),
  );
  if (left.length === 0) return group;
  const names = new Set(left.map(({ entry }) => entry));
  return inOrder(Object.entries(values).filter(([name]) => !names.has(name)));
}

type FreeLine = Exclude<
  LineWith<{ readonly config: 'config'; readonly type: 'text' }>,
  { readonly part: 'none' }
>;

/** Fields of configs whose values are free, so that a new one needs no code, and are therefore easily misspelt. */
export const freeConfigFields = ['served', 'served-by'].flatMap((slot) =>
  entryFields
    .filter(({ line }) => line.slot === slot && line.type === 'text' && line.part !== 'none')
    .map(({ entry }) => entry as EntryName<FreeLine>),
);

/** Fields that a config says for all of its items, or items say each for itself. */
export const fieldsOfEither = entryFields
  .filter(({ line }) => line.config === 'either')
  .map(({ entry }) => entry);

/** What an entry has that January's contract does not have, and a recipe must know of to serve it. */
export function laterFieldsOfEntry(entry: MatrixEntry): string[] {
  const places: readonly Values[] = isMultiNode(entry) ? [entry, entry.prefill, entry.decode] : [entry];
  return entryFields.flatMap(({ line, entry: name }) => {
    const isServed = line.optional === true && (line.part === 'curve' || line.part === 'point');
    return isServed && places.some((place) => !isLeftOut(line, place[name])) ? [name] : [];
  });
}

/** What is wrong with how the values of a layout are to each other. */
export function layoutProblems(layout: Values): { readonly field: string; readonly message: string }[] {
  return entryFields.flatMap(({ line: { divides = '' }, entry }) => {
    const [value, whole] = [layout[entry], layout[divides]];
    if (typeof value !== 'number' || typeof whole !== 'number' || whole % value === 0) return [];
    return [{ field: entry, message: `expected a divisor of ${divides} ${whole}, found ${value}` }];
  });
}

/** Fields that one role has and the other lacks, though they are about both. */
export function lopsidedFields(
  groups: Readonly<Record<Role, Values>>,
): { readonly role: Role; readonly field: string }[] {
  return entryFields
    .filter(({ line }) => line.bothRoles === true)
    .flatMap(({ entry: field }) => {
      const lacking = roles.filter((role) => groups[role][field] === undefined);
      return lacking.length === 1 ? lacking.map((role) => ({ role, field })) : [];
    });
}

/** What an item lacks, or has though it should not, because of another of its fields. */
export function companionProblems(item: Values): { readonly field: string; readonly message: string }[] {
  return entryFields.flatMap(({ line: { goesWith }, entry: field }) => {
    if (goesWith === undefined) return [];
    const other = entryFields.find(({ entry }) => entry === goesWith);
    const isWanted = other !== undefined && !isLeftOut(other.line, item[goesWith]);
    if (isWanted === (item[field] !== undefined)) return [];
    const message = isWanted
      ? `missing; ${goesWith} ${item[goesWith]} needs it`
      : `belongs to a ${goesWith} that is not given`;
    return [{ field, message }];
  });
}
