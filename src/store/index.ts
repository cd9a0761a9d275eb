export type { QuarantinedFile } from './run-files.ts';
export { type IngestOutcome, openStore, type Store, type StoredPoint } from './store.ts';
