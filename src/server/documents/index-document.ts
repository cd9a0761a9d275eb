import { z } from 'zod';
import { type MarkedPoints, markedSources, type StoredShape } from '../../store/index.ts';
import { shownCounts, shownMarks, shownShapes, shownSweeps } from '../knowledge.ts';
import { names, namesOf } from '../names.ts';
import { publicName } from '../privacy.ts';
import { shape } from './columns.ts';
import { documentKind, theOne } from './document.ts';
import { shapeNamed } from './point-columns.ts';
import { publishedSweep, publishedSweepOf } from './sweeps.ts';

/** `index`: everything that views offer as choices. */
export const indexDocument = z.object({
  product: z.object({ name: z.string(), version: z.string() }),
  /** Start time of the newest measurement, ISO 8601; null without measurements. */
  asOf: z.iso.datetime().nullable(),
  /** When these files were published, ISO 8601; null from a server. */
  publishedAt: z.iso.datetime().nullable(),
  /** Age in days above which a measurement is shown as stale. */
  staleAfterDays: z.number().positive(),
  shapes: z.array(
    shape.extend({
      /** Full model names with this prefix. */
      models: z.array(z.string()),
      /** Number of latest points, one per configuration and concurrency. */
      points: z.int().nonnegative(),
      oldestMeasuredAt: z.iso.datetime(),
      newestMeasuredAt: z.iso.datetime(),
      hardware: z.array(z.string()),
      frameworks: z.array(z.string()),
      precisions: z.array(z.string()),
      /** Remarks about points of some sources, such as thinned copies, with the number of these points. */
      remarks: z.array(z.object({ source: z.string(), remark: z.string(), points: z.int().positive() })),
    }),
  ),
  /** Titles of models, engines and hardware, and the chart markers of engines. */
  names,
  /** Newest first; `runs` has all of them. */
  newestRuns: z.array(publishedSweep),
  /** Number of published measurements, runs and eval scores. */
  counts: z.object({
    points: z.int().nonnegative(),
    runs: z.int().nonnegative(),
    evals: z.int().nonnegative(),
  }),
});

/** Age in days above which a measurement is old: marked as such, and no longer compared with. */
export const staleAfterDays = 30;
const newestSweeps = 20;

export const indexKind = documentKind({
  path: 'index',
  summary: 'Index: models and shapes with their hardware, the newest runs, and how fresh the data is.',
  schema: indexDocument,
  all: theOne,
  build: async (knowledge) => {
    const { productVersion, publishedAt } = knowledge;
    const groups = await shownShapes(knowledge);
    const shapes = Map.groupBy(groups, (group) => shapeNamed(group).key);
    const [runs, counts, marked] = await Promise.all([
      shownSweeps(knowledge, newestSweeps),
      shownCounts(knowledge),
      shownMarks(knowledge),
    ]);
    return {
      product: { name: 'InferenceMAX', version: productVersion },
      asOf:
        groups
          .map(({ newestAt }) => newestAt)
          .toSorted()
          .at(-1) ?? null,
      publishedAt,
      staleAfterDays,
      shapes: [...shapes.values()].flatMap((members) => {
        const [first] = members;
        if (first === undefined) return [];
        const named = shapeNamed(first);
        const ofShape = marked.filter((one) => shapeNamed(one).key === named.key);
        return [{ ...named, ...summaryOf(members), remarks: remarksOn(ofShape) }];
      }),
      names: namesOf(
        groups.map((group) => shapeNamed(group).modelPrefix),
        groups.map(({ hw }) => hw),
        knowledge.gpus,
      ),
      newestRuns: runs.map(publishedSweepOf),
      counts,
    };
  },
});

function summaryOf(groups: readonly StoredShape[]) {
  const each = (value: (group: StoredShape) => string) => [...new Set(groups.map(value))].toSorted();
  return {
    models: each(({ model }) => publicName(model)),
    points: groups.reduce((sum, { points }) => sum + points, 0),
    oldestMeasuredAt: each(({ oldestAt }) => oldestAt)[0] ?? '',
    newestMeasuredAt: each(({ newestAt }) => newestAt).at(-1) ?? '',
    hardware: each(({ hw }) => hw),
    frameworks: each(({ framework }) => framework),
    precisions: each(({ precision }) => precision),
  };
}

function remarksOn(marked: readonly MarkedPoints[]) {
  return markedSources.flatMap(({ name: source, remarkOfMany: remark }) => {
    const points = marked.reduce((sum, one) => sum + (one.source === source ? one.points : 0), 0);
    return points === 0 || remark === undefined ? [] : [{ source, remark, points }];
  });
}
