export { type AccuracyCheckOptions, accuracyCheck } from './accuracy-check.ts';
export type { Artifacts, SweepTools } from './context.ts';
export type { SweepEvent } from './events.ts';
export type { CheckOutcome, EngineSeat, SessionHooks } from './hooks.ts';
export { type JournalLine, readJournal } from './journal.ts';
export { claimsOf, type Machine, nodesFor, type SweepNode, sameAccelerators } from './node.ts';
export type { BrokenNode } from './node-use.ts';
export { type Replan, replan } from './replan.ts';
export { type Replayer, replayer } from './replayed-point.ts';
export { reservationOf } from './reservation.ts';
export { measureByScript, type ScriptOutcome } from './script/measure.ts';
export type { ScriptPoint } from './script/variables.ts';
export { itemsOf } from './session-work.ts';
export { storyOf } from './story/story.ts';
export type { FailureStory, NodeStory, PointStory, SessionStory, SweepStory } from './story/types.ts';
export { runSweep, type SweepContext, type SweepOutcome } from './sweep.ts';
export {
  findSweep,
  type KeptSweep,
  newestSweep,
  type PlanOrigin,
  type Sweep,
  SweepDirectory,
  samePlan,
  sweepsIn,
  type UnplannedSweep,
} from './sweep-directory.ts';
export { telemetryWatch } from './telemetry-watch.ts';
export { traceSource } from './trace-source.ts';
