import { type AggregateRow, readRows } from '../results/index.ts';
import type { SweepDirectory } from '../sweep/index.ts';

/** A row and its verdict. */
export interface FinishedResult {
  readonly row: AggregateRow;
  readonly verdict: string;
}

/** All finished results of a sweep, ordered by file name. */
export async function finishedResults(directory: SweepDirectory): Promise<FinishedResult[]> {
  const finished = await directory.finished();
  const verdicts = new Map(
    (await directory.history()).flatMap((line) =>
      line.type === 'point-finished' ? [[line.pointId, line.verdict] as const] : [],
    ),
  );
  const byName = [...finished].toSorted(([, a], [, b]) => (a < b ? -1 : 1));
  return await Promise.all(
    byName.map(async ([pointId, resultFilename]) => {
      const [row] = await readRows([directory.aggregateRow(resultFilename)]);
      const verdict = verdicts.get(pointId);
      if (row === undefined || verdict === undefined)
        throw new Error(`${resultFilename} is finished but has no row or verdict`);
      return { row, verdict };
    }),
  );
}
