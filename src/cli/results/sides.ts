import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { run } from '../../process/run.ts';
import type { MeasuredPoint, Repeats } from '../../results/index.ts';
import { type ClientPoint, openStore, type Store, type StoredPoint } from '../../store/index.ts';

/** One side of a comparison. */
export interface Side {
  /** As it is shown. */
  readonly name: string;
  readonly points: readonly ClientPoint[];
  /** Other measurements of the same configurations, for their noise. */
  readonly others: readonly ClientPoint[];
}

export interface SideOptions {
  /** The store that names are looked up in; undefined where there is none. */
  readonly store: Store | undefined;
  /** How long before the measurements repeats are looked for. */
  readonly noiseDays: number;
}

const dayMs = 86_400_000;

/**
 * What a word of the command line stands for: a folder (or a file, or a zip) of results; `latest`; a sweep by its id or
 * the beginning of it; a date, for what was the latest then; a branch or commit. Throws InputError where it is none.
 */
export async function sideOf(word: string, { store, noiseDays }: SideOptions): Promise<Side> {
  if (existsSync(word)) {
    const { name, points } = await ofFolder(word);
    const ids = new Set(points.map(({ id }) => id));
    const all = await othersOf(points, store, noiseDays);
    return { name, points, others: all.filter(({ id }) => !ids.has(id)) };
  }
  if (store === undefined)
    throw new InputError(`'${word}' is no folder, and there is no store to look it up in`);
  const found =
    (await ofLatest(word, store)) ??
    (await ofSweep(word, store)) ??
    (await ofDate(word, store)) ??
    (await ofCommit(word, store));
  if (found === undefined) {
    throw new InputError(
      `'${word}' is no folder, sweep, date, branch or commit that the store has measurements of`,
      'see `inferencemax sweep list` or `inferencemax store stats`',
    );
  }
  const ids = new Set(found.points.map(({ id }) => id));
  const all = await othersOf(found.points, store, noiseDays);
  return {
    name: found.name,
    points: all.filter(({ id }) => ids.has(id)),
    others: all.filter(({ id }) => !ids.has(id)),
  };
}

interface Found {
  readonly name: string;
  readonly points: readonly StoredPoint[];
}

async function ofLatest(word: string, store: Store): Promise<Found | undefined> {
  return word === 'latest' ? { name: 'latest', points: await store.latestPoints() } : undefined;
}

async function ofSweep(word: string, store: Store): Promise<Found | undefined> {
  const [id, other] = await store.idsStartingWith('sweeps', word, 2);
  if (id === undefined) return undefined;
  if (other !== undefined && id !== word)
    throw new InputError(`'${word}' begins the ids of several sweeps, such as ${id} and ${other}`);
  return { name: id, points: await allPoints(store, id) };
}

/** A day stands for its end, a time for itself. */
async function ofDate(word: string, store: Store): Promise<Found | undefined> {
  if (!/^\d{4}-\d\d-\d\d/.test(word)) return undefined;
  const at = Date.parse(word);
  if (Number.isNaN(at)) throw new InputError(`'${word}' is not a time`, 'such as 2026-01-14T10:15:00Z');
  const until = new Date(word.length === 10 ? at + dayMs : at).toISOString();
  return { name: `as of ${word}`, points: await store.latestPoints({ until }) };
}

async function ofCommit(word: string, store: Store): Promise<Found | undefined> {
  const sweeps = await store.sweeps();
  const newestOfBranch = sweeps.find(({ gitRef }) => gitRef === word || gitRef === `refs/heads/${word}`);
  const commit = newestOfBranch?.gitSha ?? (await commitOf(word)) ?? word;
  const ofCommit = sweeps.filter(
    ({ gitSha }) => gitSha !== null && commit.length >= 7 && gitSha.startsWith(commit),
  );
  const chosen = ofCommit.length > 0 ? ofCommit : newestOfBranch === undefined ? [] : [newestOfBranch];
  if (chosen.length === 0) return undefined;
  const points = await Promise.all(chosen.map(async ({ id }) => await allPoints(store, id)));
  return { name: word, points: points.flat() };
}

/** The commit that git knows by a name; undefined where there is no repository, or no such name. */
async function commitOf(name: string): Promise<string | undefined> {
  if (name.startsWith('-')) return undefined;
  const signal = AbortSignal.timeout(10_000);
  const command = ['git', 'rev-parse', '--verify', '--quiet', `${name}^{commit}`] as const;
  const output = await run(command, { signal }).catch(() => undefined);
  return output?.trim() || undefined;
}

async function allPoints(store: Store, sweepId: string): Promise<StoredPoint[]> {
  const points: StoredPoint[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.points({ sweepId }, { limit: 1000, cursor });
    points.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return points;
}

/** With what else the store has of the same configurations; nothing where there is no store. */
async function othersOf(
  points: readonly StoredPoint[],
  store: Store | undefined,
  noiseDays: number,
): Promise<ClientPoint[]> {
  if (store === undefined || points.length === 0) return [];
  const oldest = Math.min(...points.map(({ measuredAt }) => Date.parse(measuredAt)));
  const since = new Date(oldest - noiseDays * dayMs).toISOString();
  return await store.measurementsOf([...new Set(points.map((point) => point.configurationId))], since);
}

/** Results that need no store are read as a store would read them. */
async function ofFolder(path: string): Promise<{ readonly name: string; readonly points: ClientPoint[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'inferencemax-compare-'));
  try {
    const store = await openStore(join(folder, 'store.sqlite'));
    try {
      const { quarantined } = await store.ingest(path);
      const configurations = (await store.configurations()).map(({ id }) => id);
      if (configurations.length === 0) {
        const [first] = quarantined;
        throw new InputError(
          `there are no results in ${path}${first === undefined ? '' : `: ${first.file}: ${first.reason}`}`,
        );
      }
      return { name: path, points: await store.measurementsOf(configurations) };
    } finally {
      await store.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A store's point as a comparison takes it. */
export function measuredPoint({
  id,
  row,
  client,
  verdict,
  reasons,
  confidence95,
}: ClientPoint): MeasuredPoint {
  return { id, row, client, verdict, reasons, confidence95 };
}

/**
 * Measurements of the same point in the same environment. Those of A and of B are kept apart even in one environment:
 * the difference that is looked for must not count as noise.
 */
export function repeatsOf(a: Side, b: Side): Repeats[] {
  const groups = new Map<string, ClientPoint[]>();
  const inA = new Set(a.points.map(({ id }) => id));
  const inB = new Set(b.points.map(({ id }) => id));
  const all = new Map([a.points, a.others, b.points, b.others].flat().map((point) => [point.id, point]));
  for (const point of all.values()) {
    const side = inA.has(point.id) ? 'a' : inB.has(point.id) ? 'b' : '';
    const key = JSON.stringify([point.configurationId, point.row.conc, point.environment, side]);
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()]
    .filter((points) => points.length > 1)
    .map((points) => ({ points: points.map(measuredPoint) }));
}
