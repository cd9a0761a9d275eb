import { z } from 'zod';
import { changelogEntry } from './changelog.ts';
import { columnsDocument, series, shape } from './columns.ts';

/** `history/<key>`: which series of a shape there are, for the choice of one. */
export const historyIndexDocument = z.object({
  shape,
  series: z.array(
    series.extend({
      points: z.int().positive(),
      firstMeasuredAt: z.iso.datetime(),
      lastMeasuredAt: z.iso.datetime(),
    }),
  ),
});

/** `history/<key>/<series key>`: every measurement of one series ever published, oldest first. */
export const historyDocument = columnsDocument.extend({
  shape,
  /** Entries that name a config of this series. */
  changelog: z.array(changelogEntry),
});
