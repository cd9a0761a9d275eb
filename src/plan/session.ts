import { createHash } from 'node:crypto';
import { isMultiNode, type MatrixEntry, type WorkerGroup } from '../matrix/entry.ts';
import { type ClientSettings, type Point, publicClientSettings, type ServerSpec } from './recipe.ts';
import type { RecipeBook } from './recipes.ts';

/** A point of an engine session, with everything needed to measure it. */
export interface PlannedPoint extends Point {
  /** Unique in the plan and the same at every planning: what a resume recognises the point by. */
  readonly id: string;
  readonly client: ClientSettings;
}

/** One start of one engine with one resolved recipe, and the points measured on it. */
export interface EngineSession {
  /** Readable, and equal for equal servers. */
  readonly id: string;
  readonly hardware: string;
  /** What the entries name: a runner pool, or one runner node. */
  readonly runner: string;
  readonly framework: string;
  readonly image: string;
  readonly model: string;
  readonly server: ServerSpec;
  readonly points: readonly PlannedPoint[];
}

export interface Plan {
  readonly sessions: readonly EngineSession[];
}

/**
 * Groups entries into engine sessions by identity of the resolved server: every point whose engine would be started
 * in exactly the same way shares one start. Sessions and points keep the order of the entries.
 */
export function planSessions(
  entries: readonly MatrixEntry[],
  recipes: RecipeBook,
  hardwareOf: (entry: MatrixEntry) => string,
): Plan {
  const sessions = new Map<string, Omit<EngineSession, 'points'> & { readonly points: PlannedPoint[] }>();
  for (const point of entries.flatMap((entry) => pointsOf(entry, hardwareOf(entry)))) {
    const { entry, hardware } = point;
    const recipe = recipes(entry, hardware);
    const server = recipe.server(point);
    const identity = {
      hardware,
      runner: entry.runner,
      framework: entry.framework,
      image: entry.image,
      model: entry.model,
      server,
    };
    const id = `${entry['model-prefix']}-${entry.precision}-${hardware}-${entry.framework}-${digest(identity)}`;
    const session = sessions.get(id) ?? { id, ...identity, points: [] };
    sessions.set(id, session);
    const client = { ...publicClientSettings(point), ...recipe.client?.(point) };
    const planned = { ...point, id: `${resultName(point)}_${digest(identity)}`, client };
    if (!session.points.some((known) => known.id === planned.id)) session.points.push(planned);
  }
  return { sessions: [...sessions.values()] };
}

/** Engine starts that the plan makes for each point; the public system makes exactly one. */
export function startsPerPoint(plan: Plan): number {
  return plan.sessions.length / plan.sessions.reduce((sum, session) => sum + session.points.length, 0);
}

function pointsOf(entry: MatrixEntry, hardware: string): Point[] {
  const concurrencies = isMultiNode(entry) ? entry.conc : [entry.conc];
  return concurrencies.map((conc) => ({ entry, conc, hardware }));
}

/** The public RESULT_FILENAME without its last part, the runner node (contract §7). */
export function resultName({ entry, conc }: Point): string {
  const layout = isMultiNode(entry)
    ? `prefill_${workers(entry.prefill)}_decode_${workers(entry.decode)}`
    : `tp${entry.tp}_ep${entry.ep}_dpa_${entry['dp-attn']}`;
  return `${entry['exp-name']}_${entry.precision}_${entry.framework}_${layout}_conc${conc}`;
}

function workers(group: WorkerGroup): string {
  return `${group['num-worker']}x_tp${group.tp}_ep${group.ep}_dpa_${group['dp-attn']}`;
}

function digest(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(value)))
    .digest('hex')
    .slice(0, 10);
}

/** The same value with object keys sorted, so that equal values have equal JSON. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}
