import { WorkError } from '../errors.ts';
import { type NamedModel, publishedName } from '../identity/index.ts';
import { reasonFor } from '../schema-words.ts';
import {
  type CopiedPoint,
  type CopiedRun,
  type CopiedScore,
  type IngestOutcome,
  nothingIngested,
  publicSource,
  type Store,
  sumOf,
} from '../store/index.ts';
import { type ApiClient, NoSuchThing } from './client.ts';
import { availableOf, byDay, jobCountOf, type OfRun, pointOf, scoreOf } from './rows.ts';

export interface PullOptions {
  readonly client: ApiClient;
  readonly store: Pick<Store, 'ingestCopied' | 'ingestJobCounts'>;
  /** Only these models; all that the API lists if omitted. */
  readonly models?: readonly NamedModel[];
  /** Only points measured on or after this day (`YYYY-MM-DD`, UTC). */
  readonly since?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (what: string) => void;
}

export interface PullOutcome extends IngestOutcome {
  /** Rows in the API's answers, duplicates counted once. */
  readonly points: number;
  readonly runs: number;
  /**
   * Rows of job counts (one per hardware type and day): all that were received, the new or changed ones, and the
   * sum of their jobs.
   */
  readonly jobDays: { readonly told: number; readonly changed: number; readonly jobs: number };
  /** Models that the API lists but has no rows for. */
  readonly skipped: readonly string[];
}

/** Rows that could not be parsed. */
type Refused = IngestOutcome['quarantined'][number];

/** Requests a list and parses each of its rows. */
type Read = <Row>(
  path: string,
  query: Readonly<Record<string, string>>,
  rowOf: (value: unknown) => Row,
) => Promise<Row[]>;

/**
 * Copies the public project's results into the store, one run at a time. Interrupting it keeps what is
 * stored, and repeating it adds nothing. A row that cannot be parsed is left out with its reason; if a list
 * has several rows and none can be parsed, the API has changed. Throws WorkError if the API cannot be read.
 */
export async function pull(options: PullOptions): Promise<PullOutcome> {
  const { client, store, signal, onProgress = () => {}, since = '' } = options;
  const refused: Refused[] = [];
  const read: Read = async (path, query, rowOf) => {
    signal.throwIfAborted();
    const asked = [path, ...Object.values(query)].join(' ');
    onProgress(`requesting ${asked}`);
    return rowsOf(asked, await client.rows(path, query, signal), rowOf, refused);
  };
  const wanted = new Set(options.models?.map(({ prefix }) => prefix));
  const isAsked = ({ model, day }: { readonly model: string; readonly day: string }) =>
    day >= since && (options.models === undefined || wanted.has(model));
  const available = (await read('availability', {}, availableOf)).filter(isAsked);
  const { points, skipped } = await readPoints(read, available);
  const scores = await read('evaluations', {}, scoreOf);
  const jobs = byDay(await read('reliability', {}, jobCountOf)).filter(({ day }) => day >= since);
  const runs = runsOf(points.filter(isAsked), scores.filter(isAsked));
  let outcome: IngestOutcome = { ...nothingIngested, quarantined: refused };
  for (const [index, run] of runs.entries()) {
    signal.throwIfAborted();
    outcome = sumOf(outcome, await store.ingestCopied(publicSource, run));
    onProgress(`stored ${index + 1} of ${runs.length} runs`);
  }
  const changed = await store.ingestJobCounts(publicSource, jobs);
  return {
    ...outcome,
    points: runs.reduce((sum, run) => sum + run.points.length, 0),
    runs: runs.length,
    jobDays: { told: jobs.length, changed, jobs: jobs.reduce((sum, { ended }) => sum + ended, 0) },
    skipped,
  };
}

/** The parsed rows of a list. Throws WorkError if there are several and none can be parsed. */
function rowsOf<Row>(
  asked: string,
  values: readonly unknown[],
  rowOf: (value: unknown) => Row,
  refused: Refused[],
): Row[] {
  const rows: Row[] = [];
  const bad: Refused[] = [];
  for (const [index, value] of values.entries()) {
    try {
      rows.push(rowOf(value));
    } catch (error) {
      const content = Buffer.from(JSON.stringify(value));
      bad.push({ file: `${asked}[${index}]`, reason: reasonFor(error), content });
    }
  }
  const [first] = bad;
  if (first !== undefined && bad.length > 1 && rows.length === 0)
    throw new WorkError(
      `the API has changed: no row of ${asked} can be read, the first because of ${first.reason}`,
      { code: 'remote-failed', hint: 'update InferenceMAX; earlier pulls are still in the store' },
    );
  refused.push(...bad);
  return rows;
}

type Available = ReturnType<typeof availableOf>;

/**
 * The benchmark rows of all available models: the newest of each configuration, and the history of each
 * ISL/OSL pair, without duplicates.
 */
async function readPoints(read: Read, available: readonly Available[]) {
  const byName = Map.groupBy(available, ({ model: prefix }) => publishedName(prefix));
  const points = new Map<string, ReturnType<typeof pointOf>>();
  const skipped: string[] = [];
  const keep = (several: readonly ReturnType<typeof pointOf>[]) => {
    for (const one of several) {
      const key = `${runPage(one.runUrl)} ${one.point}`;
      const known = points.get(key);
      if (known === undefined || attemptOf(one.runUrl) > attemptOf(known.runUrl)) points.set(key, one);
    }
  };
  for (const [model, days] of byName) {
    try {
      const newest = await read('benchmarks', { model }, pointOf);
      keep(newest);
      const lengths = new Set(
        [...days, ...newest.map(({ lengths: of }) => of)].map(({ isl, osl }) => `${isl} ${osl}`),
      );
      for (const pair of lengths) {
        const [isl = '', osl = ''] = pair.split(' ');
        keep(await read('benchmarks/history', { model, isl, osl }, pointOf));
      }
    } catch (error) {
      if (!(error instanceof NoSuchThing)) throw error;
      skipped.push(model);
    }
  }
  return { points: [...points.values()], skipped };
}

/**
 * Groups points and scores by their run, oldest run first. The URLs of points name an attempt of the CI run,
 * those of scores often do not: all attempts are one run.
 */
function runsOf(points: readonly OfRun<CopiedPoint>[], scores: readonly OfRun<CopiedScore>[]): CopiedRun[] {
  const pointsOf = Map.groupBy(points, ({ runUrl }) => runPage(runUrl));
  const scoresOf = Map.groupBy(scores, ({ runUrl }) => runPage(runUrl));
  return [...new Set([...pointsOf.keys(), ...scoresOf.keys()])]
    .map((url): CopiedRun => {
      const ofRun = [...(pointsOf.get(url) ?? []), ...(scoresOf.get(url) ?? [])];
      const at = Math.min(...ofRun.map(({ row }) => row.at.getTime()));
      return {
        id: runId(url),
        url,
        at: new Date(at),
        command: publicSource.fetchedBy,
        points: (pointsOf.get(url) ?? []).map(({ row }) => row),
        scores: (scoresOf.get(url) ?? []).map(({ row }) => row),
      };
    })
    .toSorted((a, b) => a.at.getTime() - b.at.getTime() || a.id.localeCompare(b.id));
}

const attempt = /\/attempts\/(\d+)\/?$/;

/** The page of a CI run, whatever its attempt. */
function runPage(url: string): string {
  return url.replace(attempt, '');
}

/** The number of the attempt of a run, which measures again what failed before; 0 without one. */
function attemptOf(url: string): number {
  return Number(attempt.exec(url)?.[1] ?? 0);
}

/** A run's id from the number in its URL, such as `public-18268966303`, or else from the whole URL. */
function runId(url: string): string {
  const [, run] = /\/runs\/(\d+)\/?$/.exec(url) ?? [];
  return `${publicSource.name}-${run ?? url.replace(/^\w+:\/\//, '')}`;
}
