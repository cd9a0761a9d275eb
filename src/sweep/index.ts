export type { SweepEvent } from './events.ts';
export { type JournalLine, readJournal } from './journal.ts';
export { newestSweep, RunDirectory, type Sweep, samePlan } from './run-directory.ts';
export type { Artifacts } from './session-run.ts';
export { runSweep, type SweepContext, type SweepOutcome } from './sweep.ts';
