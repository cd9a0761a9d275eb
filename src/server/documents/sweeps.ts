import { z } from 'zod';
import { fromPathPart, pathPart } from '../../derived/path-part.ts';
import type { StoredSweep } from '../../store/index.ts';
import { type Knowledge, shownCounts, shownSweeps, shows } from '../knowledge.ts';
import { publicLink, publicName, publicText, publicWord } from '../privacy.ts';
import { hidden } from '../secrets.ts';
import { columnsDocument, shape, verdict } from './columns.ts';
import { documentKind, theOne } from './document.ts';
import { columnsOf, shapeOf } from './point-columns.ts';

/** A run: a set of points measured together. */
export const publishedSweep = z.object({
  id: z.string(),
  /** Its name in the path `runs/<key>`. */
  key: z.string(),
  createdAt: z.iso.datetime(),
  /** The command that started it, such as `quickstart`. */
  command: z.string(),
  /** `run` for a run directory, `artifact` for that of a CI run, `import` for another tool's results. */
  source: z.string(),
  /** `running`, `finished`, `interrupted` or `unknown`. */
  state: z.string(),
  /** Number of planned points; null if the plan is unknown. */
  planned: z.int().nonnegative().nullable(),
  measurements: z.record(verdict, z.int().nonnegative()),
  gitSha: z.string().nullable(),
  gitRef: z.string().nullable(),
  /** URL of the CI run. */
  url: z.string().nullable(),
});

/** A run with its subjects. */
export const listedSweep = publishedSweep.extend({
  /** Prefixes of the models that it measured or scored. */
  models: z.array(z.string()),
  hardware: z.array(z.string()),
  /** Those of `hardware` that have scores but no points in it. */
  onlyScored: z.array(z.string()),
  frameworks: z.array(z.string()),
  /** Number of accuracy scores. */
  scores: z.int().nonnegative(),
});

/** `runs`: newest first, at most 1000; `/api/v1/runs` has all of them, in pages. */
export const sweepsDocument = z.object({ total: z.int().nonnegative(), runs: z.array(listedSweep) });

/** `runs/<key>`: a run, its published points by shape, and its failures. */
export const sweepDocument = z.object({
  run: publishedSweep,
  shapes: z.array(columnsDocument.extend({ shape })),
  /**
   * Number of points that are not in `shapes`, which has only the newest of a very large run;
   * `/api/v1/points?run=` has all of them.
   */
  omittedPoints: z.int().nonnegative(),
  /** Attempts at points that ended without a publishable measurement, oldest first. */
  failures: z.array(
    z.object({
      at: z.iso.datetime(),
      /** The point's id in the plan. */
      pointId: z.string(),
      attempt: z.int(),
      conc: z.int().positive().nullable(),
      outcome: z.string(),
      failureClass: z.string().nullable(),
      message: z.string().nullable(),
      /** Its measurement, if there is one. */
      measurementId: z.string().nullable(),
    }),
  ),
});

const mostSweeps = 1000;

/** A sweep has up to ten thousand points; an import may have any number. */
const mostPoints = 20_000;

export const sweepsKind = documentKind({
  path: 'runs',
  summary: 'Runs, newest first, at most 1000.',
  schema: sweepsDocument,
  all: theOne,
  build: async (knowledge) => {
    const [runs, { runs: total }] = await Promise.all([
      shownSweeps(knowledge, mostSweeps),
      shownCounts(knowledge),
    ]);
    return { total, runs: await listedSweepsOf(knowledge, runs) };
  },
});

export const sweepKind = documentKind<typeof sweepDocument, 'run'>({
  path: 'runs/{run}',
  summary: 'A run, its published points by model and shape, and its failures.',
  schema: sweepDocument,
  all: async (knowledge) =>
    (await shownSweeps(knowledge, mostSweeps)).map(({ id }) => ({ run: pathPart(id) })),
  build: async (knowledge, { run: key }) => {
    const { store, gpus } = knowledge;
    const id = fromPathPart(key);
    const sweep = id === undefined ? undefined : await store.sweep(id);
    if (id === undefined || sweep === undefined) return undefined;
    const points = await store.chartPoints({ sweepId: id }, mostPoints);
    const shown = points.filter(({ row }) => shows(knowledge, row.hw));
    const shapes = Map.groupBy(shown, ({ row }) => shapeOf(row).key);
    const { checked, unchecked, suspect } = sweep.measurements;
    return {
      run: publishedSweepOf(sweep),
      omittedPoints: Math.max(0, checked + unchecked + suspect - points.length),
      shapes: [...shapes.values()].flatMap((members) => {
        const [first] = members;
        return first === undefined ? [] : [{ shape: shapeOf(first.row), ...columnsOf(members, gpus) }];
      }),
      failures: sweep.attempts
        .filter(({ outcome }) => outcome !== 'finished' && outcome !== 'running')
        .map((attempt) => ({
          at: attempt.endedAt ?? attempt.startedAt,
          pointId: attempt.pointId,
          attempt: attempt.attempt,
          conc: attempt.conc,
          outcome: attempt.outcome,
          failureClass: attempt.failureClass === null ? null : (publicWord(attempt.failureClass) ?? hidden),
          message: attempt.message === null ? null : publicText(attempt.message),
          measurementId: attempt.measurementId,
        })),
    };
  },
});

/** Converts stored sweeps into their public form, with their subjects. */
export async function listedSweepsOf(
  { store }: Pick<Knowledge, 'store'>,
  sweeps: readonly StoredSweep[],
): Promise<z.infer<typeof listedSweep>[]> {
  const subjects = await store.sweepSubjects(sweeps.map(({ id }) => id));
  return sweeps.map((sweep) => {
    const {
      models = [],
      hardware = [],
      onlyScored = [],
      frameworks = [],
      scores = 0,
    } = subjects.get(sweep.id) ?? {};
    return {
      ...publishedSweepOf(sweep),
      models: [...models],
      hardware: [...hardware],
      onlyScored: [...onlyScored],
      frameworks: [...frameworks],
      scores,
    };
  });
}

/** Converts a stored sweep into its public form. */
export function publishedSweepOf({ measurements, ...sweep }: StoredSweep): z.infer<typeof publishedSweep> {
  const { id, createdAt, command, source, state, planned, gitSha, gitRef, url } = sweep;
  return {
    id,
    key: pathPart(id),
    createdAt,
    command: publicText(command),
    source,
    state,
    planned,
    measurements: { ...measurements },
    gitSha,
    gitRef: gitRef === null ? null : publicName(gitRef),
    url: url === null ? null : (publicLink(url) ?? null),
  };
}
