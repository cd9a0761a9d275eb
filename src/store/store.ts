import type { Kysely } from 'kysely';
import { exportPoints } from './export/export.ts';
import { forget } from './forget.ts';
import { ingestCopied } from './ingest/copied.ts';
import { ingest, ingestSweep } from './ingest/ingest.ts';
import { ingestJobCounts } from './ingest/job-counts.ts';
import { changelogEntries } from './queries/changelog.ts';
import { largestChanges } from './queries/changes.ts';
import { chartPoints } from './queries/chart-points.ts';
import { configurations } from './queries/configurations.ts';
import { counts, sweepsOnHardware } from './queries/counts.ts';
import { evalDocument, evalsPage, lastScored } from './queries/evals.ts';
import { attemptsByDay, failures } from './queries/failures.ts';
import { frontierPoints } from './queries/frontier-points.ts';
import { idsStartingWith } from './queries/ids.ts';
import { jobCounts } from './queries/job-counts.ts';
import { measurement } from './queries/measurement.ts';
import { latestPoints, pointById, pointsPage } from './queries/points.ts';
import { quarantined } from './queries/quarantined.ts';
import { reliability } from './queries/reliability.ts';
import { measurementsOf } from './queries/repeats.ts';
import { seriesExtents } from './queries/series-extents.ts';
import { runDirectory, servedBy, supersededBy } from './queries/served.ts';
import { markedPoints, shapes } from './queries/shapes.ts';
import { stats } from './queries/stats.ts';
import { sweepSubjects } from './queries/sweep-subjects.ts';
import { allSweeps, sweepById, sweepsPage } from './queries/sweeps.ts';
import { version } from './queries/version.ts';
import type { Schema } from './schema.ts';
import { storeTrouble } from './trouble.ts';

/** All operations of a store; each is documented at its definition. */
const operations = {
  allSweeps,
  attemptsByDay,
  changelog: changelogEntries,
  chartPoints,
  configurations,
  counts,
  evalDocument,
  evals: evalsPage,
  export: exportPoints,
  failures,
  forget,
  frontierPoints,
  idsStartingWith,
  ingest,
  ingestCopied,
  ingestJobCounts,
  ingestRun: ingestSweep,
  jobCounts,
  largestChanges,
  lastScored,
  latestPoints,
  measurement,
  measurementsOf,
  point: pointById,
  points: pointsPage,
  quarantined,
  markedPoints,
  reliability,
  runDirectory,
  seriesExtents,
  servedBy,
  shapes,
  stats,
  supersededBy,
  sweep: sweepById,
  sweepSubjects,
  sweeps: sweepsPage,
  sweepsOnHardware,
  version,
};

/** An operation bound to the database of one store. */
type OnStore<Operation> = Operation extends (db: Kysely<Schema>, ...rest: infer Rest) => infer Answer
  ? (...rest: Rest) => Answer
  : never;

/**
 * Every ingested measurement. A later ingest changes or deletes only copies of another project's results,
 * which can be fetched again.
 */
export type Store = { readonly [Name in keyof typeof operations]: OnStore<(typeof operations)[Name]> } & {
  readonly close: () => Promise<void>;
};

/** A store in a database whose schema is current. */
export function storeIn(db: Kysely<Schema>, location: string): Store {
  type AnyOperation = (db: Kysely<Schema>, ...rest: readonly unknown[]) => Promise<unknown>;
  const onDb = Object.entries(operations).map(([name, operation]) => [
    name,
    async (...rest: readonly unknown[]) => {
      try {
        // The type of the store guarantees the arguments.
        return await (operation as AnyOperation)(db, ...rest);
      } catch (error) {
        throw storeTrouble(error, location, 'use the store');
      }
    },
  ]);
  return { ...Object.fromEntries(onDb), close: async () => await db.destroy() };
}
