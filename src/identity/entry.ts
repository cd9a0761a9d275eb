import {
  type EntryName,
  entryFields,
  fieldNamed,
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

/** What August's contract says of the accuracy checks of an entry; entries of January have none of it (contract F3). */
export type EvalMarks = {
  readonly 'run-eval'?: boolean;
  /** Of several concurrencies, the one at which it is checked. */
  readonly 'eval-conc'?: number;
  /** It is checked at all of them. */
  readonly 'eval-all-concs'?: boolean;
  /** Nothing else is measured of it. */
  readonly 'eval-only'?: boolean;
};

type OnNode = NodeLayout & { readonly conc: number };
type OnNodes = Readonly<Record<Role, WorkerGroup>> & { readonly conc: readonly number[] };

/** One point: one engine on one node at one concurrency. */
export type SingleNodeEntry = EntryFields<SharedLine> & OtherFields & OnNode & EvalMarks;

/** A list of points measured on one multi-node engine. */
export type MultiNodeEntry = EntryFields<SharedLine> & OtherFields & OnNodes & EvalMarks;

export type MatrixEntry = SingleNodeEntry | MultiNodeEntry;

type OfTraces = EvalMarks &
  Omit<EntryFields<Exclude<SharedLine, LineWith<{ readonly slot: 'shape' | 'disagg' }>>>, 'scenario-type'> &
  Omit<OtherFields, 'max-model-len'> & {
    readonly 'scenario-type': 'agentic-coding';
    /** Memory of the host that the KV cache may be offloaded to, GB (10⁹ bytes). */
    readonly 'total-cpu-dram-gb': number;
    /** How long it is measured, s. */
    readonly duration: number;
  };

/** One point whose requests come from traces of agents, so that it has no lengths: on one node, or on several. */
export type AgenticNodeEntry = OfTraces & OnNode;
export type AgenticRolesEntry = OfTraces & OnNodes & { readonly disagg: boolean };
export type AgenticEntry = AgenticNodeEntry | AgenticRolesEntry;

/** Whatever a config makes. */
export type GeneratedEntry = MatrixEntry | AgenticEntry;

export function isMultiNode<Entry extends GeneratedEntry>(
  entry: Entry,
): entry is Extract<Entry, { readonly prefill: WorkerGroup }> {
  return 'prefill' in entry;
}

export function isSingleNode(entry: MatrixEntry): entry is SingleNodeEntry {
  return !isMultiNode(entry);
}

/** Whether the requests of an entry come from traces of agents. */
export function isAgentic<Entry extends GeneratedEntry>(
  entry: Entry,
): entry is Extract<Entry, { readonly duration: number }> {
  return entry[scenarioType.entry as 'scenario-type'] === 'agentic-coding';
}

const scenarioType = fieldNamed('scenarioType');

/** Where an item of a config offloads the KV cache to; undefined if nowhere. */
export function offloadsTo(item: object): string | undefined {
  const values: Values = { ...item };
  const to = values[offloading.entry];
  return typeof to === 'string' && to !== offloading.line.default ? to : undefined;
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
  /** August's contract writes the defaults of a layout, and whether the answers of the entry are checked. */
  readonly of?: 'August';
}

/** The same for requests of traces. */
export interface AgenticParts extends Omit<EntryParts, 'shape' | 'maxModelLen' | 'of'> {
  readonly totalCpuDramGb: number;
  readonly durationS: number;
}

/** What stands in an entry beside the values of its fields. */
type Own = Readonly<
  Record<
    'runner' | 'conc' | 'max-model-len' | 'total-cpu-dram-gb' | 'duration' | 'exp-name' | 'run-eval' | Role,
    unknown
  >
>;
type Step = IdentityField | keyof Own;

function stepsOf(of: readonly Scope[], ...places: readonly (EntrySlot | keyof Own)[]): readonly Step[] {
  const isSlot = (place: string): place is EntrySlot => entrySlots.some((slot) => slot === place);
  return places.flatMap((place): readonly Step[] =>
    isSlot(place) ? fieldsInSlot(place).filter(({ line }) => of.includes(line.of)) : [place],
  );
}

const beginning = ['served', 'served-by', 'runner', 'shape'] as const;
const end = ['exp-name', 'disagg', 'run-eval', 'more'] as const;
/** The public order of an entry of one node, and of one of several (contract §2 and F3). */
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

/** What requests of traces have in place of lengths, and the end of their entries (contract F3). */
const offloading = fieldNamed('kvOffloading');
const tracesSteps: readonly Step[] = [
  offloading,
  'total-cpu-dram-gb',
  'duration',
  'exp-name',
  ...stepsOf(['entry'], 'disagg'),
  scenarioType,
  ...stepsOf(['entry'], 'more').filter((step) => step !== offloading && step !== scenarioType),
  'run-eval',
];
const agenticBeginning = ['served', 'served-by', 'runner'] as const;
const agenticNodeSteps = [
  ...stepsOf(['entry', 'layout'], ...agenticBeginning, 'tensor', 'sharing', 'engine', 'conc'),
  ...tracesSteps.filter((step) => typeof step === 'string' || step.line.slot !== 'disagg'),
];
const agenticRolesSteps = [
  ...stepsOf(['entry'], ...agenticBeginning, 'engine', ...roles, 'conc'),
  ...tracesSteps,
];

type Groups = Readonly<Record<Role, WorkerGroup>>;

/** The entry of one node, its fields in the public order (contract §2 and F3). */
export function singleNodeEntry(parts: EntryParts, conc: number): SingleNodeEntry {
  return inOrder(nodeSteps, parts, { ...ownOf(parts), conc }, writtenIn(parts));
}

/** The entry of several nodes, its fields in the public order (contract §2 and F3). */
export function multiNodeEntry(parts: EntryParts, groups: Groups, conc: readonly number[]): MultiNodeEntry {
  const written = parts.of === 'August' ? filledGroup : writtenGroup;
  return inOrder(
    rolesSteps,
    parts,
    { ...ownOf(parts), ...writtenGroups(groups, written), conc },
    writtenIn(parts),
  );
}

/** The entries of agentic traces at one concurrency (contract F3). */
export function agenticNodeEntry(parts: AgenticParts, conc: number): AgenticNodeEntry {
  return inOrder(agenticNodeSteps, ofTraces(parts), { ...ownOfTraces(parts), conc }, isWrittenOfTraces);
}
export function agenticRolesEntry(parts: AgenticParts, groups: Groups, conc: number): AgenticRolesEntry {
  const own = { ...ownOfTraces(parts), ...writtenGroups(groups, filledGroup), conc: [conc] };
  return inOrder(agenticRolesSteps, ofTraces(parts), own, isWrittenOfTraces);
}

function ownOf({ runner, maxModelLen, expName, of }: EntryParts): Partial<Own> {
  const own = { runner, 'max-model-len': maxModelLen, 'exp-name': expName };
  return of === 'August' ? { ...own, 'run-eval': false } : own;
}

function ownOfTraces({ runner, expName, totalCpuDramGb, durationS }: AgenticParts): Partial<Own> {
  return {
    runner,
    'exp-name': expName,
    'total-cpu-dram-gb': totalCpuDramGb,
    duration: durationS,
    'run-eval': false,
  };
}

/** No config says that its requests come from traces: where it says what is measured does. */
function ofTraces(parts: AgenticParts): Said {
  return { ...parts, shape: {}, item: { ...parts.item, [scenarioType.entry]: 'agentic-coding' } };
}

/** Whether a field of a later contract is written at its default as well. */
type IsWritten = (line: IdentityLine) => boolean;
const isOfLayout: IsWritten = ({ of }) => of === 'layout';
const isWrittenOfTraces: IsWritten = (line) => isOfLayout(line) || line.scenario !== undefined;

function writtenIn({ of }: EntryParts): IsWritten {
  return of === 'August' ? isOfLayout : () => false;
}

type Said = Pick<EntryParts, 'config' | 'shape' | 'item'>;

/** Fields by name; the table that the steps are made of is also what the type of an entry is made of. */
function inOrder<Entry>(steps: readonly Step[], parts: Said, own: Partial<Own>, isWritten: IsWritten): Entry {
  const entry: Record<string, unknown> = {};
  for (const step of steps) {
    if (typeof step === 'string') {
      if (own[step] !== undefined) entry[step] = own[step];
      continue;
    }
    const { line, entry: name } = step;
    const value = saidOf(line, name, parts) ?? line.default;
    const isLater = line.optional === true && !isWritten(line);
    if (value !== undefined && !(isLater && value === line.default)) entry[name] = value;
  }
  return entry as Entry;
}

/** What a config says of a field where it has it; of a field that no config has, an item that was made of a row may. */
function saidOf({ config: place }: IdentityLine, name: string, { config, shape, item }: Said): unknown {
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

const laterLayoutFields = laterGroupFields.filter(
  ({ line }) => line.of === 'layout' && line.default !== undefined,
);

/** A group of workers with the defaults that August's contract writes. */
function filledGroup(group: WorkerGroup): WorkerGroup {
  const values: Values = group;
  const missing = laterLayoutFields.filter(({ entry }) => values[entry] === undefined);
  return { ...group, ...Object.fromEntries(missing.map(({ line, entry }) => [entry, line.default])) };
}

function writtenGroups({ prefill, decode }: Groups, written: (group: WorkerGroup) => WorkerGroup): Groups {
  return { prefill: written(prefill), decode: written(decode) };
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

const needs = entryFields.flatMap(({ line: { neededBy }, entry: field }) =>
  neededBy === undefined ? [] : [{ field, neededBy }],
);

/** A field that a config of August must say at its top or in every item, and does not, because of another of its fields. */
export interface MissingField {
  readonly field: string;
  readonly neededBy: string;
}

export function missingInConfig(config: Values, items: readonly Values[]): MissingField[] {
  return needs.filter(
    ({ field, neededBy }) =>
      config[neededBy] === true && !(field in config) && !items.every((item) => field in item),
  );
}
