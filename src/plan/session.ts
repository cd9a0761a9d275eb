import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { defined } from '../defined/defined.ts';
import { InputError } from '../errors.ts';
import {
  hasDummyWeights,
  isMultiNode,
  laterFieldsOfEntry,
  type MatrixEntry,
  resultName,
} from '../identity/index.ts';
import { inOrderOfNames } from '../in-order-of-names.ts';
import { type LauncherKind, launcherKinds, usualLauncher } from '../launchers/index.ts';
import {
  type ClientSettings,
  type Point,
  publicClientSettings,
  type Recipe,
  type RecipeOf,
  recipeName,
  type ServerSpec,
  type WorkerSpec,
} from './recipe.ts';
import { chooseRecipe, type RecipeBook } from './recipes.ts';
import { settingsOf } from './settings.ts';

/** A point of an engine session, with everything needed to measure it. */
export interface PlannedPoint extends Point {
  /** Unique in the plan and the same at every planning: what a resume recognises the point by. */
  readonly id: string;
  readonly client: ClientSettings;
  /** GPUs of all workers of each phase, of a disaggregated engine: what its throughputs are divided by (contract §5). */
  readonly phaseGpus?: { readonly prefill: number; readonly decode: number };
  /** Whose the recipe is, if not of this model and hardware. */
  readonly recipe?: RecipeOf;
}

/** What one start serves that the public scripts would start several servers for. */
export interface SharedRange {
  /** The server is started as for this concurrency. */
  readonly maxConc: number;
  /** Servers that differ only in their caps, and are this one instead. */
  readonly servers: number;
  /** The caps that were raised, each with why that measures the same. */
  readonly caps: Readonly<Record<string, string>>;
}

/** One start of one engine with one resolved recipe, and the points measured on it. */
export interface EngineSession {
  /** Readable, and equal for equal servers. */
  readonly id: string;
  readonly hardware: string;
  /** The runner pool, where that has another name than its hardware. */
  readonly pool?: string;
  /** What the entries name: a runner pool, or one runner node. */
  readonly runner: string;
  readonly launcher: LauncherKind;
  readonly framework: string;
  readonly image: string;
  readonly model: string;
  /** The engine makes the weights up: its speed is real, its answers are not. */
  readonly dummyWeights?: true;
  /** Why flags are what they are, of a recipe for any model. */
  readonly reasons?: Readonly<Record<string, string>>;
  /** As `launcher` starts it. */
  readonly server: ServerSpec;
  /** The server by other launchers, where the public scripts differ: a pool may have nodes that are reached by those. */
  readonly serverBy?: Readonly<Partial<Record<LauncherKind, ServerSpec>>>;
  /** Present where the server differs from what a point alone would get. */
  readonly shared?: SharedRange;
  readonly points: readonly PlannedPoint[];
}

export interface Plan {
  /** How engines are started on every node, whatever the files of their pools say; absent where those decide. */
  readonly launcher?: LauncherKind;
  readonly sessions: readonly EngineSession[];
}

/**
 * Which points share one engine start: those that a declared `range` covers (the default), those whose servers are
 * `identical` to the flag, or `none`.
 */
export const sharings = ['ranges', 'identical', 'none'] as const;
export type Sharing = (typeof sharings)[number];

export interface PlanContext {
  readonly recipes: RecipeBook;
  readonly hardwareOf: (entry: MatrixEntry) => string;
  /** Default: its hardware. */
  readonly poolOf?: (entry: MatrixEntry) => string;
  /** Default: the launcher by which most public nodes are reached. */
  readonly launcherOf?: (entry: MatrixEntry) => LauncherKind;
  readonly sharing?: Sharing;
}

/** A point with the recipe and the launcher that its engine is started by. */
interface Start extends Point {
  readonly recipe: Recipe;
  readonly launcher: LauncherKind;
  readonly pool: string;
}

/**
 * Groups entries into engine sessions by identity of the resolved server: every point whose engine would be started
 * in exactly the same way shares one start. Sessions and points keep the order of the entries.
 */
export function planSessions(entries: readonly MatrixEntry[], context: PlanContext): Plan {
  const { recipes, hardwareOf, launcherOf = () => usualLauncher, sharing = 'ranges' } = context;
  const { poolOf = hardwareOf } = context;
  const starts = entries.flatMap((entry): Start[] =>
    pointsOf(entry, hardwareOf(entry)).map((point) => ({
      ...point,
      recipe: heeding(recipes(entry, point.hardware), point),
      launcher: launcherOf(entry),
      pool: poolOf(entry),
    })),
  );
  const maxConcOf = sharing === 'ranges' ? sharedConcurrency(starts) : ({ conc }: Start) => conc;
  const groups = new Map<string, StartGroup>();
  for (const start of starts) {
    const maxConc = maxConcOf(start);
    const identity = identityOf(start, maxConc);
    const key = digest(sharing === 'none' ? { identity, entry: start.entry, conc: start.conc } : identity);
    const group = groups.get(key) ?? { key, identity, maxConc, starts: [] };
    group.starts.push(start);
    groups.set(key, group);
  }
  return { sessions: [...groups.values()].map(sessionOf) };
}

/** A recipe does not heed a field of an entry, so that what it starts would not be what is asked for. */
export class UnheededField extends InputError {}

/** The recipe; throws UnheededField for an entry with a field that it does not heed. */
function heeding(recipe: Recipe, { entry, hardware }: Point): Recipe {
  const ignored = unheededFields(recipe, entry);
  if (ignored.length === 0) return recipe;
  throw new UnheededField(
    `recipe benchmarks/${chooseRecipe({ entry, hardware })?.name ?? recipeName(entry, hardware)} does not heed ${ignored.join(', ')}, which an entry has`,
    'use the field in the recipe and list it in its heeds, or remove the field from the config',
  );
}

/** The fields of an entry that a recipe would pass over. */
export function unheededFields({ heeds = [] }: Pick<Recipe, 'heeds'>, entry: MatrixEntry): string[] {
  return laterFieldsOfEntry(entry).filter((field) => !heeds.includes(field));
}

/** Points that one start serves, before they are named. */
interface StartGroup {
  readonly key: string;
  readonly identity: Identity;
  readonly maxConc: number;
  readonly starts: Start[];
}

function sessionOf({ key, identity, maxConc, starts }: StartGroup): EngineSession {
  const points = new Map<string, PlannedPoint>();
  const phaseGpus = phaseGpusOf(identity.server);
  for (const { recipe, launcher: _, pool: __, ...point } of starts) {
    const id = resultName(point.entry, point.conc, key);
    const client = { ...publicClientSettings(point), ...recipe.client?.(point) };
    points.set(id, { ...point, id, client, ...defined({ phaseGpus, recipe: recipe.of }) });
  }
  const shared = sharedRange(identity.server, maxConc, starts);
  return {
    id: `${sessionName(starts)}-${key}`,
    ...identity,
    ...defined({ shared }),
    points: [...points.values()],
  };
}

/**
 * What a start serves beyond its own server; undefined where every point would get that server alone. Throws InputError
 * where a recipe raises a setting without saying why that measures the same.
 */
function sharedRange(server: ServerSpec, maxConc: number, starts: readonly Start[]): SharedRange | undefined {
  const exact = new Map(
    starts.map((start) => [
      digest(identityOf(start, start.conc).server),
      identityOf(start, start.conc).server,
    ]),
  );
  exact.delete(digest(server));
  if (exact.size === 0) return undefined;
  const own = settingsOf(server);
  const raised = new Set(
    [...exact.values()].flatMap((other) =>
      [...settingsOf(other)].filter(([name, value]) => own.get(name) !== value).map(([name]) => name),
    ),
  );
  const reasons = new Map(starts.flatMap(({ recipe }) => Object.entries(recipe.caps ?? {})));
  const caps = [...raised].map((name) => [name, reasons.get(name) ?? undeclared(name, starts)] as const);
  return { maxConc, servers: exact.size + 1, caps: Object.fromEntries(caps) };
}

function undeclared(setting: string, [start]: readonly Start[]): never {
  const name =
    start === undefined ? 'a recipe' : `recipe benchmarks/${recipeName(start.entry, start.hardware)}`;
  throw new InputError(
    `${name} raises ${setting} for a shared start without saying why that does not change the result`,
    `add '${setting}' to its caps, with the reason, or write it from conc`,
  );
}

function phaseGpusOf({ disaggregated }: ServerSpec): PlannedPoint['phaseGpus'] {
  if (disaggregated === undefined) return undefined;
  const gpusOf = (role: WorkerSpec['role']) =>
    disaggregated.workers
      .filter((worker) => worker.role === role)
      .reduce((sum, { count, acceleratorsPerWorker }) => sum + count * acceleratorsPerWorker, 0);
  return { prefill: gpusOf('prefill'), decode: gpusOf('decode') };
}

function sessionName(starts: readonly Start[]): string {
  const [first] = starts;
  if (first === undefined) throw new Error('a session has no points');
  return [first.entry['model-prefix'], first.entry.precision, first.hardware, first.entry.framework].join(
    '-',
  );
}

/** What makes two starts the same start. */
type Identity = Omit<EngineSession, 'id' | 'points' | 'shared'>;

/** What starts are by the concurrency that they are started for: a plan compares them again and again. */
const identities = new WeakMap<Start, Map<number, Identity>>();

function identityOf(start: Start, maxConc: number): Identity {
  const known = identities.get(start) ?? new Map<number, Identity>();
  identities.set(start, known);
  const identity = known.get(maxConc) ?? newIdentity(start, maxConc);
  known.set(maxConc, identity);
  return identity;
}

function newIdentity({ entry, hardware, pool, launcher, recipe, conc }: Start, maxConc: number): Identity {
  const serverBy = (kind: LauncherKind) => recipe.server({ entry, conc, hardware, launcher: kind, maxConc });
  const server = serverBy(launcher);
  const others = launcherKinds
    .filter((kind) => kind !== launcher)
    .map((kind) => [kind, serverBy(kind)] as const)
    .filter(([, other]) => !isDeepStrictEqual(other, server));
  return {
    hardware,
    runner: entry.runner,
    launcher,
    framework: entry.framework,
    image: entry.image,
    model: entry.model,
    server,
    ...defined({
      pool: pool === hardware ? undefined : pool,
      dummyWeights: hasDummyWeights(entry) ? (true as const) : undefined,
      reasons: recipe.reasons,
      serverBy: others.length === 0 ? undefined : Object.fromEntries(others),
    }),
  };
}

/** The session as it is started by a launcher, which may be another than the plan's own. */
export function sessionBy(session: EngineSession, launcher: LauncherKind): EngineSession {
  return { ...session, launcher, server: session.serverBy?.[launcher] ?? session.server };
}

/**
 * The concurrency that each start's engine is started for. From the highest concurrency down, a start joins the first
 * server that its own recipe would also write for that server's concurrency; else it is a server of its own.
 */
function sharedConcurrency(starts: readonly Start[]): (start: Start) => number {
  const servers = new Map<string, { readonly maxConc: number; readonly key: string }[]>();
  const chosen = new Map<Start, number>();
  for (const start of starts.toSorted((a, b) => b.conc - a.conc)) {
    const { image, model, runner } = start.entry;
    const place = [image, model, runner, start.hardware, start.launcher].join(' ');
    const candidates = servers.get(place) ?? [];
    servers.set(place, candidates);
    const joined = candidates.find(({ maxConc, key }) => digest(identityOf(start, maxConc)) === key);
    if (joined === undefined)
      candidates.push({ maxConc: start.conc, key: digest(identityOf(start, start.conc)) });
    chosen.set(start, joined?.maxConc ?? start.conc);
  }
  return (start) => chosen.get(start) ?? start.conc;
}

/** Engine starts that the plan makes for each point; the public system makes exactly one. */
export function startsPerPoint(plan: Plan): number {
  return plan.sessions.length / plan.sessions.reduce((sum, session) => sum + session.points.length, 0);
}

function pointsOf(entry: MatrixEntry, hardware: string): Point[] {
  const concurrencies = isMultiNode(entry) ? entry.conc : [entry.conc];
  return concurrencies.map((conc) => ({ entry, conc, hardware }));
}

const digests = new WeakMap<object, string>();

function digest(value: object): string {
  const known = digests.get(value) ?? newDigest(value);
  digests.set(value, known);
  return known;
}

function newDigest(value: object): string {
  return createHash('sha256')
    .update(JSON.stringify(inOrderOfNames(value)))
    .digest('hex')
    .slice(0, 10);
}
