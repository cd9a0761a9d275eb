import { z } from 'zod';
import { chartOf, exactly, seriesOf } from '../../identity/index.ts';
import { type Knowledge, shows } from '../knowledge.ts';
import { changelogEntry, entriesFor } from './changelog.ts';
import { columnsDocument, series, shape } from './columns.ts';
import { documentKind } from './document.ts';
import { columnsOf, type Shape, seriesNamed } from './point-columns.ts';
import { shapesOf, shapeWithKey } from './shape.ts';

/** `history/<key>`: the series of a shape, to choose from. */
export const historyIndexDocument = z.object({
  shape,
  series: z.array(
    series.extend({
      /** Number of published measurements. */
      points: z.int().positive(),
      firstMeasuredAt: z.iso.datetime(),
      lastMeasuredAt: z.iso.datetime(),
    }),
  ),
});

/** `history/<key>/<series key>`: every published measurement of one series, oldest first. */
export const historyDocument = columnsDocument.extend({
  shape,
  /** Changelog entries that match a config of this series, newest first. */
  changelog: z.array(changelogEntry),
});

export const historyIndexKind = documentKind<typeof historyIndexDocument, 'shape'>({
  path: 'history/{shape}',
  summary: 'The series of a model and shape that have a history.',
  schema: historyIndexDocument,
  all: async (knowledge) => (await shapesOf(knowledge)).map(({ key }) => ({ shape: key })),
  build: async (knowledge, { shape: key }) => {
    const shape = await shapeWithKey(knowledge, key);
    return shape === undefined ? undefined : { shape, series: await seriesWithHistory(knowledge, shape) };
  },
});

export const historyKind = documentKind<typeof historyDocument, 'shape' | 'series'>({
  path: 'history/{shape}/{series}',
  summary: 'Every measurement of one series of a model and shape, oldest first.',
  schema: historyDocument,
  all: async (knowledge) => {
    const shapes = await shapesOf(knowledge);
    const series = await Promise.all(
      shapes.map(async (shape) =>
        (await seriesWithHistory(knowledge, shape)).map(({ key }) => ({ shape: shape.key, series: key })),
      ),
    );
    return series.flat();
  },
  build: async (knowledge, { shape: shapeKey, series: seriesKey }) => {
    const shape = await shapeWithKey(knowledge, shapeKey);
    if (shape === undefined) return undefined;
    const series = (await seriesWithHistory(knowledge, shape)).find(({ key }) => key === seriesKey);
    if (series === undefined) return undefined;
    const curve = { ...chartOf(shape), ...seriesOf(series) };
    const points = await knowledge.store.chartPoints(exactly(curve));
    return {
      shape,
      ...columnsOf(points, knowledge.gpus),
      changelog: await entriesFor(knowledge, curve),
    };
  },
});

async function seriesWithHistory(knowledge: Knowledge, shape: Shape) {
  const extents = await knowledge.store.seriesExtents(shape);
  return extents
    .filter(({ hw }) => shows(knowledge, hw))
    .map(({ points, firstAt, lastAt, ...identity }) => ({
      ...seriesNamed(identity, knowledge.gpus),
      points,
      firstMeasuredAt: firstAt,
      lastMeasuredAt: lastAt,
    }));
}
