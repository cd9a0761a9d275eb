export { backUp, restore } from './backup.ts';
export { type ExportOptions, exportFormats } from './export/export.ts';
export type { Forgotten } from './forget.ts';
export type { IngestOptions } from './ingest/artifact-facts.ts';
export type { CopiedPoint, CopiedRun, CopiedScore } from './ingest/copied.ts';
export type { QuarantinedFile, StoredVerdict, TelemetryFigure } from './ingest/incoming.ts';
export type { JobCount } from './ingest/job-counts.ts';
export { type IngestOutcome, nothingIngested, sumOf } from './ingest/write.ts';
export { openStore, storeInMemory } from './open.ts';
export { isPostgresUrl, withoutPassword } from './postgres.ts';
export type { StoredChangelogEntry } from './queries/changelog.ts';
export type { StoredChange } from './queries/changes.ts';
export type { ChartPoint } from './queries/chart-points.ts';
export type { StoredConfiguration } from './queries/configurations.ts';
export type { EvalFilter, StoredEval } from './queries/evals.ts';
export type { DayOfAttempts, StoredFailure } from './queries/failures.ts';
export type { PointFilter } from './queries/filter.ts';
export type { FrontierPoint } from './queries/frontier-points.ts';
export type { StoredJobCount } from './queries/job-counts.ts';
export type { StoredEnvironment, StoredMeasurement } from './queries/measurement.ts';
export type { Page, PageRequest } from './queries/page.ts';
export type { StoredPoint } from './queries/points.ts';
export type { StoredQuarantine } from './queries/quarantined.ts';
export type { Reliability, ReliabilityFilter } from './queries/reliability.ts';
export type { ClientPoint } from './queries/repeats.ts';
export type { SeriesExtent } from './queries/series-extents.ts';
export type { ServedBy } from './queries/served.ts';
export type { MarkedPoints, StoredShape } from './queries/shapes.ts';
export type { StoreStats } from './queries/stats.ts';
export type {
  StoredAttempt,
  StoredEngineSession,
  StoredSweep,
  StoredSweepDetail,
} from './queries/sweeps.ts';
export { markedSources, markOf, publicSource, type SweepSource, sweepSources } from './sources.ts';
export type { Store } from './store.ts';
