export { openStore } from './open.ts';
export type { QuarantinedFile } from './run-files.ts';
export type {
  IngestOutcome,
  PointFilter,
  Store,
  StoredMeasurement,
  StoredPoint,
  StoredSweep,
  Verdict,
} from './store.ts';
