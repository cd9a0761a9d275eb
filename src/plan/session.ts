import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { defined } from '../defined/defined.ts';
import { InputError } from '../errors.ts';
import {
  acceptanceOfEntry,
  hasDummyWeights,
  isAcceptanceLength,
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
import { type Sends, sendsOf } from './sends.ts';
import { settingsOf } from './settings.ts';

/** A point of an engine session, with everything needed to measure it. */
export interface PlannedPoint extends Point {
  /** Unique in the plan and stable, so that a resume recognises the point. */
  readonly id: string;
  readonly client: ClientSettings;
  /**
   * GPUs of all workers of each phase of a disaggregated engine, by which its throughputs are divided
   * (contract §5).
   */
  readonly phaseGpus?: { readonly prefill: number; readonly decode: number };
  /** What the recipe is for, if not for this model and hardware. */
  readonly recipe?: RecipeOf;
  /** How much its workload sends; absent for requests of fixed lengths, of which `client` has the number. */
  readonly sends?: Sends;
}

/** A shared engine start, which replaces several servers of the public scripts. */
export interface SharedRange {
  /** The concurrency for which the server is started. */
  readonly maxConc: number;
  /** Number of servers that this one replaces, including itself; they differ only in caps. */
  readonly servers: number;
  /** The raised caps, each with the reason why that does not change the measurement. */
  readonly caps: Readonly<Record<string, string>>;
}

/** One start of one engine with one resolved recipe, and the points measured on it. */
export interface EngineSession {
  /** Readable, and equal for equal servers. */
  readonly id: string;
  readonly hardware: string;
  /** The runner pool, if its name is not that of the hardware. */
  readonly pool?: string;
  /** The runner in the entries: a pool or one node. */
  readonly runner: string;
  readonly launcher: LauncherKind;
  readonly framework: string;
  readonly image: string;
  readonly model: string;
  /** The engine uses random weights: its speed is real, its answers are not. */
  readonly dummyWeights?: true;
  /** The engine accepts drafted tokens at random: its speed is real, its answers are not. */
  readonly acceptance?: AskedAcceptance;
  /** The reasons for flags of a generic recipe. */
  readonly reasons?: Readonly<Record<string, string>>;
  /** The server as `launcher` starts it. */
  readonly server: ServerSpec;
  /**
   * The server for other launchers, if the public scripts differ. A pool may have nodes with other launchers.
   */
  readonly serverBy?: Readonly<Partial<Record<LauncherKind, ServerSpec>>>;
  /** Present if the server differs from that of a point alone. */
  readonly shared?: SharedRange;
  readonly points: readonly PlannedPoint[];
}

/** The acceptance of drafts that a config asks for. */
export interface AskedAcceptance {
  /** A length, or the name of a curve. */
  readonly name: string;
  /** The lengths of the curve by speculative tokens per draft. */
  readonly lengths?: Readonly<Record<string, number>>;
}

export interface Plan {
  /** The launcher for every node, overriding the pool files; absent if these decide. */
  readonly launcher?: LauncherKind;
  readonly sessions: readonly EngineSession[];
}

/**
 * Which points share one engine start: those in a declared `range` of concurrencies (the default), those
 * whose servers are `identical` to the flag, or `none`.
 */
export const sharings = ['ranges', 'identical', 'none'] as const;
export type Sharing = (typeof sharings)[number];

export interface PlanContext {
  readonly recipes: RecipeBook;
  readonly hardwareOf: (entry: MatrixEntry) => string;
  /** Default: the entry's hardware. */
  readonly poolOf?: (entry: MatrixEntry) => string;
  /** Default: the launcher of most public nodes. */
  readonly launcherOf?: (entry: MatrixEntry) => LauncherKind;
  readonly sharing?: Sharing;
  /** The lengths of a curve of golden acceptance lengths; throws InputError if there is none. */
  readonly curveNamed?: (name: string) => Readonly<Record<string, number>>;
}

/** A point with its recipe and launcher. */
interface Start extends Point {
  readonly recipe: Recipe;
  readonly launcher: LauncherKind;
  readonly pool: string;
  readonly acceptance: AskedAcceptance | undefined;
}

/**
 * Groups entries into engine sessions: all points that would start exactly the same engine share one start.
 * Sessions and points keep the order of the entries.
 */
export function planSessions(entries: readonly MatrixEntry[], context: PlanContext): Plan {
  const { recipes, hardwareOf, launcherOf = () => usualLauncher, sharing = 'ranges' } = context;
  const acceptance = acceptanceBy(context);
  const { poolOf = hardwareOf } = context;
  const starts = entries.flatMap((entry): Start[] =>
    pointsOf(entry, hardwareOf(entry)).map((point) => ({
      ...point,
      recipe: heeding(recipes(entry, point.hardware), point),
      launcher: launcherOf(entry),
      pool: poolOf(entry),
      acceptance: acceptance(entry),
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

/** The acceptance that each entry asks for; every curve is read once. */
function acceptanceBy({ curveNamed }: PlanContext): (entry: MatrixEntry) => AskedAcceptance | undefined {
  const known = new Map<string, AskedAcceptance>();
  return (entry) => {
    const name = acceptanceOfEntry(entry);
    if (name === undefined) return undefined;
    const asked = known.get(name) ?? {
      name,
      ...defined({ lengths: isAcceptanceLength(name) ? undefined : curveNamed?.(name) }),
    };
    known.set(name, asked);
    return asked;
  };
}

/** An entry sets a field that its recipe does not use, so the recipe would start something else. */
export class UnheededField extends InputError {}

/** The recipe, after checking that it uses all fields of the entry; throws UnheededField otherwise. */
function heeding(recipe: Recipe, { entry, hardware }: Point): Recipe {
  const ignored = unheededFields(recipe, entry);
  if (ignored.length === 0) return recipe;
  throw new UnheededField(
    `recipe benchmarks/${chooseRecipe({ entry, hardware })?.name ?? recipeName(entry, hardware)} does not use ${ignored.join(', ')}, but an entry sets it`,
    'use the field in the recipe and list it in its heeds, or remove the field from the config',
  );
}

/** The fields of an entry that a recipe does not use. */
export function unheededFields({ heeds = [] }: Pick<Recipe, 'heeds'>, entry: MatrixEntry): string[] {
  return laterFieldsOfEntry(entry).filter((field) => !heeds.includes(field));
}

/** Points that one start serves, before they get ids. */
interface StartGroup {
  readonly key: string;
  readonly identity: Identity;
  readonly maxConc: number;
  readonly starts: Start[];
}

function sessionOf({ key, identity, maxConc, starts }: StartGroup): EngineSession {
  const points = new Map<string, PlannedPoint>();
  const phaseGpus = phaseGpusOf(identity.server);
  for (const { recipe, launcher: _, pool: __, acceptance: ___, ...point } of starts) {
    const id = resultName(point.entry, point.conc, key);
    const sends = sendsOf(point);
    const client = {
      ...publicClientSettings(point),
      ...recipe.client?.(point),
      ...defined({ numPrompts: sends?.requests }),
    };
    points.set(id, { ...point, id, client, ...defined({ phaseGpus, recipe: recipe.of, sends }) });
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
 * The shared range of a start; undefined if every point alone would get the same server. Throws InputError if
 * a recipe raises a setting without stating why that does not change the measurement.
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
    { code: 'bad-recipe' },
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

/** The fields by which two starts are the same. */
type Identity = Omit<EngineSession, 'id' | 'points' | 'shared'>;

/**
 * Cached identity of each start by the concurrency it is started for, because planning compares them often.
 */
const identities = new WeakMap<Start, Map<number, Identity>>();

function identityOf(start: Start, maxConc: number): Identity {
  const known = identities.get(start) ?? new Map<number, Identity>();
  identities.set(start, known);
  const identity = known.get(maxConc) ?? newIdentity(start, maxConc);
  known.set(maxConc, identity);
  return identity;
}

function newIdentity(start: Start, maxConc: number): Identity {
  const { entry, hardware, pool, launcher, recipe, conc, acceptance } = start;
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
      acceptance,
      reasons: recipe.reasons,
      serverBy: others.length === 0 ? undefined : Object.fromEntries(others),
    }),
  };
}

/** The session as `launcher` starts it; the plan may have been made for another launcher. */
export function sessionBy(session: EngineSession, launcher: LauncherKind): EngineSession {
  return { ...session, launcher, server: session.serverBy?.[launcher] ?? session.server };
}

/**
 * For each start, the concurrency its engine is started for. From the highest concurrency down, a start joins
 * the first server that its own recipe would also return for that server's concurrency, or else gets its own
 * server.
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

/** Engine starts per point; exactly 1 in the public system. */
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
