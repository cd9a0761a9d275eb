import {
  type EntryName,
  entryFields,
  fieldsInSlot,
  type IdentityField,
  type Line,
  type LineWith,
  type OptionalLine,
  type Product,
  type Role,
  roles,
} from './spelling.ts';
import { type EntrySlot, entrySlots, type IdentityLine, type Scope } from './table.ts';
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
  /** What says the values, by their names in configs. */
  readonly config: Values;
  readonly shape: Values;
  readonly item: Values;
  readonly runner: string;
  readonly maxModelLen: number;
  readonly expName: string;
}

/** What stands in an entry beside the values of its fields. */
type Own = Readonly<Record<'runner' | 'conc' | 'max-model-len' | 'exp-name' | Role, unknown>>;
type Step = IdentityField | keyof Own;

function stepsOf(of: readonly Scope[], ...places: readonly (EntrySlot | keyof Own)[]): readonly Step[] {
  const isSlot = (place: string): place is EntrySlot => entrySlots.some((slot) => slot === place);
  return places.flatMap((place): readonly Step[] =>
    isSlot(place) ? fieldsInSlot(place).filter(({ line }) => of.includes(line.of)) : [place],
  );
}

const beginning = ['served', 'served-by', 'runner', 'shape'] as const;
const end = ['exp-name', 'disagg', 'more'] as const;
/** The public order of an entry of one node, and of one of several (contract §2). */
const nodeSteps = stepsOf(
  ['entry', 'layout'],
  ...beginning,
  'tensor',
  'conc',
  'max-model-len',
  'sharing',
  'engine',
  ...end,
);
const rolesSteps = stepsOf(['entry'], ...beginning, 'engine', ...roles, 'conc', 'max-model-len', ...end);

/** The entry of one node, its fields in the public order (contract §2). */
export function singleNodeEntry(parts: EntryParts, conc: number): SingleNodeEntry {
  return inOrder(nodeSteps, parts, { conc });
}

/** The entry of several nodes, its fields in the public order (contract §2). */
export function multiNodeEntry(
  parts: EntryParts,
  { prefill, decode }: Readonly<Record<Role, WorkerGroup>>,
  conc: readonly number[],
): MultiNodeEntry {
  return inOrder(rolesSteps, parts, { conc, prefill: writtenGroup(prefill), decode: writtenGroup(decode) });
}

/** Fields by name; the table that the steps are made of is also what the type of an entry is made of. */
function inOrder<Entry>(steps: readonly Step[], parts: EntryParts, rest: Partial<Own>): Entry {
  const entry: Record<string, unknown> = {};
  for (const step of steps) {
    if (typeof step === 'string') entry[step] = rest[step] ?? ownValue(step, parts);
    else {
      const { line, entry: name } = step;
      const value = saidOf(line, name, parts);
      if (value !== undefined) {
        if (line.optional !== true || value !== line.default) entry[name] = value;
      } else if (line.optional !== true && line.default !== undefined) entry[name] = line.default;
    }
  }
  return entry as Entry;
}

function ownValue(name: keyof Own, { runner, maxModelLen, expName }: EntryParts): unknown {
  return name === 'runner' ? runner : name === 'max-model-len' ? maxModelLen : expName;
}

/** What a config says of a field where it has it; of a field that no config has, an item that was made of a row may. */
function saidOf({ config: place }: IdentityLine, name: string, { config, shape, item }: EntryParts): unknown {
  if (place === 'config') return config[name];
  if (place === 'shape') return shape[name];
  return item[name] ?? (place === 'either' ? config[name] : undefined);
}

const laterGroupFields = entryFields.filter(({ line }) => line.of !== 'entry' && line.optional === true);

/** A group of workers without what January's contract does not have and that is at its default anyway. */
function writtenGroup(group: WorkerGroup): WorkerGroup {
  const values: Values = group;
  const isIdle = ({ line, entry }: IdentityField) => entry in values && isLeftOut(line, values[entry]);
  const idle = laterGroupFields.filter(isIdle).map(({ entry }) => entry);
  if (idle.length === 0) return group;
  return Object.fromEntries(Object.entries(values).filter(([name]) => !idle.includes(name))) as WorkerGroup;
}

type FreeLine = Exclude<
  LineWith<{
    readonly config: 'config';
    readonly type: 'text';
    readonly slot: 'served' | 'served-by';
  }>,
  { readonly part: 'none' }
>;

/** Fields of configs whose values are free, so that a new one needs no code, and are therefore easily misspelt. */
export const freeConfigFields = ['served', 'served-by'].flatMap((slot) =>
  entryFields
    .filter(({ line }) => line.slot === slot && line.type === 'text' && line.part !== 'none')
    .map(({ entry }) => entry as EntryName<FreeLine>),
);

/** Fields that a config says once, for all of its items. */
export const fieldsOfConfig = entryFields
  .filter(({ line }) => line.config === 'config')
  .map(({ entry }) => entry as EntryName<LineWith<{ readonly config: 'config' }>>);

/** Fields that a config says for all of its items, or items say each for itself. */
export const fieldsOfEither = entryFields
  .filter(({ line }) => line.config === 'either')
  .map(({ entry }) => entry);

/**
 * What an entry has that January's contract does not have, and a recipe must know of to serve it: names of fields, and
 * `decode num-worker: 0`, which asks for workers that do both.
 */
export function laterFieldsOfEntry(entry: MatrixEntry): string[] {
  const groups: readonly Values[] = isMultiNode(entry) ? roles.map((role) => entry[role]) : [];
  const later = entryFields.flatMap(({ line, entry: name }) => {
    const isServed =
      line.optional === true && line.byEngine !== true && (line.part === 'curve' || line.part === 'point');
    return isServed && [entry, ...groups].some((place: Values) => !isLeftOut(line, place[name]))
      ? [name]
      : [];
  });
  const idle = roles.flatMap((role, index) =>
    entryFields.flatMap(({ line, entry: name }) =>
      line.zeroOf === role && groups[index]?.[name] === 0 ? [`${role} ${name}: 0`] : [],
    ),
  );
  return [...later, ...idle];
}

const divisors = entryFields.flatMap(({ line: { divides }, entry: field }) =>
  divides === undefined ? [] : [{ field, divides }],
);

/** What is wrong with how the values of a layout are to each other. */
export function layoutProblems(layout: Values): { readonly field: string; readonly message: string }[] {
  return divisors.flatMap(({ field, divides }) => {
    const [value, whole] = [layout[field], layout[divides]];
    if (typeof value !== 'number' || typeof whole !== 'number' || whole % value === 0) return [];
    return [{ field, message: `expected a divisor of ${divides} ${whole}, found ${value}` }];
  });
}

const fieldsOfBothRoles = entryFields.flatMap(({ line, entry }) => (line.bothRoles === true ? [entry] : []));

/** Fields that one role has and the other lacks, though they are about both. */
export function lopsidedFields(
  groups: Readonly<Record<Role, Values>>,
): { readonly role: Role; readonly field: string }[] {
  return fieldsOfBothRoles.flatMap((field) => {
    const lacking = roles.filter((role) => groups[role][field] === undefined);
    return lacking.length === 1 ? lacking.map((role) => ({ role, field })) : [];
  });
}

const companions = entryFields.flatMap(({ line: { goesWith }, entry: field }) => {
  const other = entryFields.find(({ entry }) => entry === goesWith);
  return other === undefined ? [] : [{ field, other }];
});

/** What an item lacks, or has though it should not, because of another of its fields. */
export function companionProblems(item: Values): { readonly field: string; readonly message: string }[] {
  return companions.flatMap(({ field, other }) => {
    const isWanted = !isLeftOut(other.line, item[other.entry]);
    if (isWanted === (item[field] !== undefined)) return [];
    const message = isWanted
      ? `missing; ${other.entry} ${item[other.entry]} needs it`
      : `belongs to a ${other.entry} that is not given`;
    return [{ field, message }];
  });
}
