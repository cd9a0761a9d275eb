import { z } from 'zod';
import { layoutName } from '../../identity/index.ts';
import type { StoredChange } from '../../store/index.ts';
import { type Knowledge, shownShapes, shows } from '../knowledge.ts';
import { publicName } from '../privacy.ts';
import { changelogEntry, entryOf, namesConfigOf } from './changelog.ts';
import { publishedVerdict, series, shape } from './columns.ts';
import { documentKind, theOne } from './document.ts';
import { staleAfterDays } from './index-document.ts';
import { seriesOfPoint, shapeOf } from './point-columns.ts';

const side = z.object({
  id: z.string(),
  measuredAt: z.iso.datetime(),
  value: z.number(),
  image: z.string(),
  verdict: publishedVerdict,
});

const change = z.object({
  shape,
  series,
  layout: z.string(),
  conc: z.int().positive(),
  metric: z.literal('totalTputPerGpu'),
  before: side,
  after: side,
  /** (after − before) / before, from one measurement each; `compare` estimates how much of it is noise. */
  relative: z.number(),
  /** The changelog entries since `before` that match a config of the series. */
  changelog: z.array(changelogEntry),
});

/** `overview`: recent changes. */
export const overviewDocument = z.object({
  /**
   * Changes in the week before the newest measurement, largest first, at most one per series and shape. Each
   * is from the previous measurement, which is at most `comparedWithinDays` older.
   */
  changes: z.array(change),
  comparedWithinDays: z.int().positive(),
  /** Number of points that were measured again in the week, but whose previous measurement is older than that. */
  olderBefore: z.int().nonnegative(),
  /** The start of the window of `changes`; null without measurements. */
  changesSince: z.iso.datetime().nullable(),
});

const weekMs = 7 * 86_400_000;
const mostChanges = 50;

export const overviewKind = documentKind({
  path: 'overview',
  summary: 'What changed in the week before the newest measurement.',
  schema: overviewDocument,
  all: theOne,
  build: async (knowledge) => {
    const newest = (await shownShapes(knowledge)).reduce(
      (latest, { newestAt }) => Math.max(latest, Date.parse(newestAt)),
      0,
    );
    const changesSince = newest === 0 ? null : new Date(newest - weekMs).toISOString();
    const found =
      changesSince === null ? { changes: [], olderBefore: 0 } : await changesOf(knowledge, changesSince);
    return { ...found, comparedWithinDays: staleAfterDays, changesSince };
  },
});

async function changesOf(
  knowledge: Knowledge,
  since: string,
): Promise<Pick<z.infer<typeof overviewDocument>, 'changes' | 'olderBefore'>> {
  const [{ largest, olderBefore }, entries] = await Promise.all([
    knowledge.store.largestChanges({
      since,
      withinDays: staleAfterDays,
      limit: mostChanges,
      shows: (hw) => shows(knowledge, hw),
    }),
    knowledge.store.changelog(),
  ]);
  const changes = largest.map(({ before, after, tputBefore, tput, relative }) => {
    const { row } = after;
    const config = { ...shapeOf(row), ...seriesOfPoint(row, []) };
    const names = namesConfigOf(knowledge, config);
    return {
      shape: shapeOf(row),
      series: seriesOfPoint(row, knowledge.gpus),
      layout: layoutName(row),
      conc: row.conc,
      metric: 'totalTputPerGpu' as const,
      before: sideOf(before, tputBefore),
      after: sideOf(after, tput),
      relative,
      changelog: entries
        .filter((entry) => names(entry) && (entry.addedAt ?? '') > before.measuredAt)
        .map(entryOf),
    };
  });
  return { changes, olderBefore };
}

function sideOf(
  { id, measuredAt, row, verdict }: StoredChange['after'],
  value: number,
): z.infer<typeof side> {
  return { id, measuredAt, value, image: publicName(row.image), verdict };
}
