import type { Traffic } from '../workload/index.ts';
import {
  type EntryName,
  entryFields,
  fieldNamed,
  fieldsInSlot,
  type IdentityField,
  identityFields,
  type Line,
  type LineWith,
  type OptionalLine,
  type Product,
  type Role,
  roles,
} from './spelling.ts';
import { type EntrySlot, entrySlots, type IdentityLine, type Scope } from './table.ts';
import { isLeftOut } from './values.ts';

/** Types of values in configs and matrix entries. */
export interface EntryValues {
  readonly text: string;
  readonly count: number;
  readonly flag: boolean;
  readonly 'spelled-flag': boolean;
  readonly product: Product;
}

/** Fields as in configs and entries; those that January's contract lacks may be absent. */
export type EntryFields<L extends Line> = {
  readonly [One in Exclude<L, OptionalLine> as EntryName<One>]: EntryValues[One['type']];
} & { readonly [One in Extract<L, OptionalLine> as EntryName<One>]?: EntryValues[One['type']] };

export type Planned = { readonly planned: true };
type SharedLine = Exclude<LineWith<{ readonly of: 'entry' }>, Planned>;
type LayoutLine = Exclude<LineWith<{ readonly of: 'layout' }>, Planned>;
type RoleLine = Exclude<LineWith<{ readonly of: 'role' }>, Planned>;

/** The fields of an entry besides its identity. */
type OtherFields = {
  /** A runner pool, or one runner node. */
  readonly runner: string;
  /** Tokens that the engine must be able to hold per request. */
  readonly 'max-model-len': number;
  readonly 'exp-name': string;
  /** The definition of the entry's workload; absent for requests of fixed lengths and for the public agentic traces. */
  readonly traffic?: Traffic;
} & Partial<Replayed>;

/** The fields of entries whose requests come from agentic traces. */
type Replayed = {
  /** Host memory available for offloading the KV cache, GB (10⁹ bytes). */
  readonly 'total-cpu-dram-gb': number;
  /** Duration of the measurement, s. */
  readonly duration: number;
};

/** The layout of a single-node engine on its GPUs. */
export type NodeLayout = EntryFields<LayoutLine>;

/** The workers of one role of a multi-node engine. */
export type WorkerGroup = EntryFields<RoleLine | LayoutLine> & {
  readonly 'additional-settings'?: readonly string[];
};

/** Accuracy checks of an entry, by August's contract; January's entries have none (contract F3). */
export type EvalMarks = {
  readonly 'run-eval'?: boolean;
  /** The concurrency at which to check, if the entry has several. */
  readonly 'eval-conc'?: number;
  /** Whether to check at all concurrencies. */
  readonly 'eval-all-concs'?: boolean;
  /** Whether the entry is only checked, not measured. */
  readonly 'eval-only'?: boolean;
};

type OnNode = NodeLayout & { readonly conc: number };
type OnNodes = Readonly<Record<Role, WorkerGroup>> & { readonly conc: readonly number[] };

/** One point: a single-node engine at one concurrency. */
export type SingleNodeEntry = EntryFields<SharedLine> & OtherFields & OnNode & EvalMarks;

/** A list of points measured on one multi-node engine. */
export type MultiNodeEntry = EntryFields<SharedLine> & OtherFields & OnNodes & EvalMarks;

export type MatrixEntry = SingleNodeEntry | MultiNodeEntry;

type OfTraces = EvalMarks &
  Omit<EntryFields<Exclude<SharedLine, LineWith<{ readonly slot: 'shape' | 'disagg' }>>>, 'scenario-type'> &
  Omit<OtherFields, 'max-model-len' | keyof Replayed> &
  Replayed & { readonly 'scenario-type': 'agentic-coding' };

/** One point whose requests come from agentic traces, so that it has no lengths: single-node or multi-node. */
export type AgenticNodeEntry = OfTraces & OnNode;
export type AgenticRolesEntry = OfTraces & OnNodes & { readonly disagg: boolean };
export type AgenticEntry = AgenticNodeEntry | AgenticRolesEntry;

/** Any entry that a config generates. */
export type GeneratedEntry = MatrixEntry | AgenticEntry;

export function isMultiNode<Entry extends GeneratedEntry>(
  entry: Entry,
): entry is Extract<Entry, { readonly prefill: WorkerGroup }> {
  return 'prefill' in entry;
}

export function isSingleNode(entry: MatrixEntry): entry is SingleNodeEntry {
  return !isMultiNode(entry);
}

/** Whether the requests of an entry come from agentic traces. */
export function isAgentic<Entry extends GeneratedEntry>(
  entry: Entry,
): entry is Extract<Entry, { readonly duration: number }> {
  return entry[scenarioType.entry as 'scenario-type'] === 'agentic-coding';
}

/** Whether a measured entry replays agentic traces. */
export function isReplayed(entry: Values): boolean {
  return entry[scenarioType.entry] === 'agentic-coding';
}

/**
 * An agentic entry as sweeps measure it. It has no lengths, so both are those of the longest prompt with its reply, which
 * bounds what the engine must hold.
 */
export function replayedEntry(entry: AgenticEntry, contextTokens: number): MatrixEntry {
  const { 'scenario-type': scenario, ...rest } = entry;
  const lengths = { isl: contextTokens, osl: contextTokens, 'max-model-len': contextTokens };
  return { disagg: false, ...rest, ...lengths, [scenarioType.entry]: scenario };
}

const scenarioType = fieldNamed('scenarioType');
const workload = fieldNamed('workload');

/** Where an item of a config offloads the KV cache to; undefined if nowhere. */
export function offloadsTo(item: object): string | undefined {
  const values: Values = { ...item };
  const to = values[offloading.entry];
  return typeof to === 'string' && to !== offloading.line.default ? to : undefined;
}

/** Values by name. */
export type Values = Readonly<Record<string, unknown>>;

/** The parts of an entry: values from the config and computed values. */
export interface EntryParts {
  /** Objects with the values, by their names in configs. */
  readonly config: Values;
  readonly shape: Values;
  readonly item: Values;
  readonly runner: string;
  readonly maxModelLen: number;
  readonly expName: string;
  /** Set under the August contract, whose entries state a layout's defaults and whether accuracy is checked. */
  readonly of?: 'August';
  /** What is sent, if not requests of fixed lengths. */
  readonly workload?: EntryWorkload;
}

/** A workload of a config: the key of its scenario, its identity and its definition. */
export interface EntryWorkload {
  readonly scenario: string;
  readonly id: string;
  readonly traffic: Traffic;
}

/** The same for trace requests. */
export interface AgenticParts extends Omit<EntryParts, 'shape' | 'maxModelLen' | 'of'> {
  readonly totalCpuDramGb: number;
  readonly durationS: number;
}

/** The values of an entry that are not identity fields. */
type Own = Readonly<
  Record<
    | 'runner'
    | 'conc'
    | 'max-model-len'
    | 'total-cpu-dram-gb'
    | 'duration'
    | 'exp-name'
    | 'run-eval'
    | 'traffic'
    | Role,
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
/** The public field order of single-node and multi-node entries (contract §2 and F3). */
const nodeSteps = stepsOf(
  ['entry', 'layout'],
  ...beginning,
  'tensor',
  'conc',
  'max-model-len',
  'sharing',
  'engine',
  ...end,
  'traffic',
);
const rolesSteps = stepsOf(
  ['entry'],
  ...beginning,
  'engine',
  ...roles,
  'conc',
  'max-model-len',
  ...end,
  'traffic',
);

/** The fields that replace lengths for trace requests, and the end of such entries (contract F3). */
const offloading = fieldNamed('kvOffloading');
/** The fields that say where, and by what, the KV cache is offloaded. */
export const offloadFields: readonly string[] = [offloading, fieldNamed('kvOffloadBackend')].map(
  ({ entry }) => entry,
);
const tracesSteps: readonly Step[] = [
  offloading,
  'total-cpu-dram-gb',
  'duration',
  'exp-name',
  ...stepsOf(['entry'], 'disagg'),
  scenarioType,
  ...stepsOf(['entry'], 'more').filter((step) => step !== offloading && step !== scenarioType),
  'run-eval',
  'traffic',
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

/** Creates a single-node entry with its fields in the public order (contract §2 and F3). */
export function singleNodeEntry(parts: EntryParts, conc: number): SingleNodeEntry {
  return inOrder(nodeSteps, ofWorkload(parts), { ...ownOf(parts), conc }, writtenIn(parts));
}

/** Creates a multi-node entry with its fields in the public order (contract §2 and F3). */
export function multiNodeEntry(parts: EntryParts, groups: Groups, conc: readonly number[]): MultiNodeEntry {
  const written = parts.of === 'August' ? filledGroup : writtenGroup;
  return inOrder(
    rolesSteps,
    ofWorkload(parts),
    { ...ownOf(parts), ...writtenGroups(groups, written), conc },
    writtenIn(parts),
  );
}

/** Creates an agentic entry at one concurrency (contract F3). */
export function agenticNodeEntry(parts: AgenticParts, conc: number): AgenticNodeEntry {
  return inOrder(agenticNodeSteps, ofTraces(parts), { ...ownOfTraces(parts), conc }, isWrittenOfTraces);
}
export function agenticRolesEntry(parts: AgenticParts, groups: Groups, conc: number): AgenticRolesEntry {
  const own = { ...ownOfTraces(parts), ...writtenGroups(groups, filledGroup), conc: [conc] };
  return inOrder(agenticRolesSteps, ofTraces(parts), own, isWrittenOfTraces);
}

function ownOf({ runner, maxModelLen, expName, of, workload }: EntryParts): Partial<Own> {
  const own = { runner, 'max-model-len': maxModelLen, 'exp-name': expName, traffic: workload?.traffic };
  return of === 'August' ? { ...own, 'run-eval': false } : own;
}

function ownOfTraces(parts: AgenticParts): Partial<Own> {
  const { runner, expName, totalCpuDramGb, durationS, workload: said } = parts;
  return {
    runner,
    traffic: said?.traffic,
    'exp-name': expName,
    'total-cpu-dram-gb': totalCpuDramGb,
    duration: durationS,
    'run-eval': false,
  };
}

/** Configs have the scenario as a key, and only the name of a workload, so both fields are added here. */
function ofWorkload(parts: EntryParts): Said {
  const { workload: said } = parts;
  if (said === undefined) return parts;
  const { scenario, id } = said;
  return { ...parts, item: { ...parts.item, [scenarioType.entry]: scenario, [workload.entry]: id } };
}

/** Configs do not contain the scenario type of traces, so it is added here. */
function ofTraces(parts: AgenticParts): Said {
  const { workload: said } = parts;
  const named = said === undefined ? {} : { [workload.entry]: said.id };
  return { ...parts, shape: {}, item: { ...parts.item, ...named, [scenarioType.entry]: 'agentic-coding' } };
}

/** Whether a later contract's field is written even at its default. */
type IsWritten = (line: IdentityLine) => boolean;
const isOfLayout: IsWritten = ({ of }) => of === 'layout';
const isWrittenOfTraces: IsWritten = (line) => isOfLayout(line) || line.scenario !== undefined;

function writtenIn({ of }: EntryParts): IsWritten {
  return of === 'August' ? isOfLayout : () => false;
}

type Said = Pick<EntryParts, 'config' | 'shape' | 'item'>;

/** Collects fields by name. The cast is safe: the type of an entry derives from the same table as the steps. */
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

/** A config's value for a field. For a field that no config has, the item may have it if it was made from a row. */
function saidOf({ config: place }: IdentityLine, name: string, { config, shape, item }: Said): unknown {
  if (place === 'config') return config[name];
  if (place === 'shape') return shape[name];
  return item[name] ?? (place === 'either' ? config[name] : undefined);
}

const laterGroupFields = entryFields.filter(({ line }) => line.of !== 'entry' && line.optional === true);

/** A worker group without fields that January's contract lacks and that have their defaults. */
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

/** A worker group with the defaults that August's contract writes. */
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

/** Config fields with free values. A new value needs no code, so a misspelling is easily missed. */
export const freeConfigFields = ['served', 'served-by'].flatMap((slot) =>
  entryFields
    .filter(({ line }) => line.slot === slot && line.type === 'text' && line.part !== 'none')
    .map(({ entry }) => entry as EntryName<FreeLine>),
);

/** Fields that a config has once for all of its items. */
export const fieldsOfConfig = entryFields
  .filter(({ line }) => line.config === 'config')
  .map(({ entry }) => entry as EntryName<LineWith<{ readonly config: 'config' }>>);

/** Fields that a config has either once for all items or in each item. */
export const fieldsOfEither = entryFields
  .filter(({ line }) => line.config === 'either')
  .map(({ entry }) => entry);

/**
 * The fields of an entry that January's contract lacks and that a recipe must support to serve it: field names, and
 * `decode num-worker: 0`, which means workers that do both.
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

/** Inconsistencies between the values of a layout. */
export function layoutProblems(layout: Values): { readonly field: string; readonly message: string }[] {
  return divisors.flatMap(({ field, divides }) => {
    const [value, whole] = [layout[field], layout[divides]];
    if (typeof value !== 'number' || typeof whole !== 'number' || whole % value === 0) return [];
    return [{ field, message: `expected a divisor of ${divides} ${whole}, found ${value}` }];
  });
}

const fieldsOfBothRoles = entryFields.flatMap(({ line, entry }) => (line.bothRoles === true ? [entry] : []));

/** Fields that one role has and the other lacks, although both need them. */
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

/** Fields that an item must have or must not have because of its other fields. */
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

/** A field that an August config must have at its top or in every item because of another field, but lacks. */
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

/** GPUs of one worker, or of a single-node engine: tensor parallelism times the other factors. */
export function gpusOfWorker(layout: Values): number {
  return productOf(identityFields.map(({ line, entry }) => [line.multipliesGpus === true, layout[entry]]));
}

/** The product of the values that count and are known. */
export function productOf(factors: readonly (readonly [counts: boolean, value: unknown])[]): number {
  return factors.reduce(
    (all, [counts, value]) => (counts && typeof value === 'number' ? all * value : all),
    1,
  );
}
