import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** How attempts at points ended, for one hardware type and engine. */
export interface Reliability {
  readonly hw: string;
  readonly framework: string;
  /** Attempts that ended by themselves; interrupted and running ones do not count. */
  readonly attempts: number;
  readonly finished: number;
  /** Number of failed attempts by class. */
  readonly failures: Readonly<Record<string, number>>;
  /** Engine starts that ended, and the failed ones by class, before or while serving. */
  readonly starts: number;
  readonly failedStarts: Readonly<Record<string, number>>;
}

export interface ReliabilityFilter {
  readonly hw?: string | undefined;
  readonly framework?: string | undefined;
  /** Only sweeps created at or after this time, ISO 8601. */
  readonly since?: string | undefined;
}

type Changing = { -readonly [field in keyof Reliability]: Reliability[field] } & {
  failures: Record<string, number>;
  failedStarts: Record<string, number>;
};

/** Attempts and engine starts by hardware, engine and failure class. */
export async function reliability(
  db: Kysely<Schema>,
  filter: ReliabilityFilter = {},
): Promise<Reliability[]> {
  const since = filter.since === undefined ? 0 : Date.parse(filter.since);
  let query = db
    .selectFrom('counts')
    .innerJoin('sweeps', 'sweeps.id', 'counts.sweep_id')
    .select(['kind', 'hw', 'framework', 'outcome', 'failure_class'])
    .select(({ fn }) => fn.sum<number>('count').as('count'))
    .where('kind', 'in', ['attempt', 'start'])
    .where('outcome', 'in', ['finished', 'stopped', 'failed'])
    .where('created_at', '>=', since)
    .groupBy(['kind', 'hw', 'framework', 'outcome', 'failure_class']);
  if (filter.hw !== undefined) query = query.where('hw', '=', filter.hw);
  if (filter.framework !== undefined) query = query.where('framework', '=', filter.framework);
  const groups = new Map<string, Changing>();
  const group = ({ hw, framework }: { readonly hw: string; readonly framework: string }): Changing => {
    const key = `${hw} ${framework}`;
    const none = { attempts: 0, finished: 0, failures: {}, starts: 0, failedStarts: {} };
    const found = groups.get(key) ?? { hw, framework, ...none };
    groups.set(key, found);
    return found;
  };
  for (const one of await query.execute()) {
    const into = group(one);
    const count = Number(one.count);
    if (one.kind === 'attempt') {
      into.attempts += count;
      if (one.outcome === 'finished') into.finished += count;
      else addTo(into.failures, one.failure_class, count);
    } else {
      into.starts += count;
      if (one.outcome === 'failed') addTo(into.failedStarts, one.failure_class, count);
    }
  }
  return [...groups.values()].toSorted(
    (a, b) => a.hw.localeCompare(b.hw) || a.framework.localeCompare(b.framework),
  );
}

function addTo(into: Record<string, number>, failureClass: string, count: number): void {
  const name = failureClass === '' ? 'unknown' : failureClass;
  into[name] = (into[name] ?? 0) + count;
}
