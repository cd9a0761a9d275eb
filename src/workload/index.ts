export type { LongestRequest, Traffic, WorkloadKind } from './kind.ts';
export { type WorkloadKindName, workloadKinds } from './list.ts';
export type { WorkloadTest } from './load.ts';
export { kindOfScenario, trafficSchema, workloadId, workloadName } from './named.ts';
export {
  agenticScenario,
  checkReplay,
  isOwnReplay,
  publicReplay,
  type ReplaySettings,
  type ReplaySource,
  replayFields,
  replayKind,
  replayOf,
  replaySettings,
} from './replay.ts';

// Loaded on demand, with the load generator that it needs.
export const loadWorkloadTests = () => import('./load.ts');
