import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** How attempts at points on one hardware with one engine ended. */
export interface Reliability {
  readonly hw: string;
  readonly framework: string;
  /** Attempts that ended by themselves; interrupted and running ones say nothing of the engine. */
  readonly attempts: number;
  readonly finished: number;
  /** Attempts by the class of their failure. */
  readonly failures: Readonly<Record<string, number>>;
  /** Engine starts that ended, and those that failed by class before or while serving. */
  readonly starts: number;
  readonly failedStarts: Readonly<Record<string, number>>;
}

export interface ReliabilityFilter {
  readonly hw?: string | undefined;
  readonly framework?: string | undefined;
  /** Started at or after this time, ISO 8601. */
  readonly since?: string | undefined;
}

type Changing = { -readonly [field in keyof Reliability]: Reliability[field] } & {
  failures: Record<string, number>;
  failedStarts: Record<string, number>;
};

/** Attempts and engine starts by hardware, engine and class of failure. */
export async function reliability(db: Kysely<Schema>, filter: ReliabilityFilter): Promise<Reliability[]> {
  const since = filter.since === undefined ? 0 : Date.parse(filter.since);
  let attempts = db
    .selectFrom('attempts')
    .innerJoin('configurations', 'configurations.id', 'attempts.configuration_id')
    .select(({ fn }) => ['hw', 'framework', 'outcome', 'failure_class', fn.countAll<number>().as('count')])
    .where('outcome', 'in', ['finished', 'failed'])
    .where('started_at', '>=', since)
    .groupBy(['hw', 'framework', 'outcome', 'failure_class']);
  let starts = db
    .selectFrom('engine_sessions')
    .select(({ fn }) => ['hw', 'framework', 'outcome', 'failure_class', fn.countAll<number>().as('count')])
    .where('outcome', 'in', ['stopped', 'failed'])
    .where('started_at', '>=', since)
    .groupBy(['hw', 'framework', 'outcome', 'failure_class']);
  if (filter.hw !== undefined) {
    attempts = attempts.where('hw', '=', filter.hw);
    starts = starts.where('hw', '=', filter.hw);
  }
  if (filter.framework !== undefined) {
    attempts = attempts.where('framework', '=', filter.framework);
    starts = starts.where('framework', '=', filter.framework);
  }
  const groups = new Map<string, Changing>();
  const group = ({ hw, framework }: { readonly hw: string; readonly framework: string }): Changing => {
    const key = `${hw} ${framework}`;
    const none = { attempts: 0, finished: 0, failures: {}, starts: 0, failedStarts: {} };
    const found = groups.get(key) ?? { hw, framework, ...none };
    groups.set(key, found);
    return found;
  };
  for (const one of await attempts.execute()) {
    const into = group(one);
    into.attempts += Number(one.count);
    if (one.outcome === 'finished') into.finished += Number(one.count);
    else count(into.failures, one);
  }
  for (const one of await starts.execute()) {
    const into = group(one);
    into.starts += Number(one.count);
    if (one.outcome === 'failed') count(into.failedStarts, one);
  }
  return [...groups.values()].toSorted(
    (a, b) => a.hw.localeCompare(b.hw) || a.framework.localeCompare(b.framework),
  );
}

function count(
  into: Record<string, number>,
  { failure_class: failureClass, count }: { readonly failure_class: string | null; readonly count: number },
): void {
  const name = failureClass ?? 'unknown';
  into[name] = (into[name] ?? 0) + Number(count);
}
