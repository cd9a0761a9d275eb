export { publicReplay } from '../load/agentic/corpora.ts';
export { loadKinds } from '../load/search/levels.ts';
export { type LongestRequest, type Traffic, type WorkloadKind, withChecks } from './kind.ts';
export { type SendingLength, sendingLength } from './length.ts';
export { type WorkloadKindName, workloadKinds } from './list.ts';
export type { MeasuredPoint, WorkloadTest } from './load.ts';
export { kindOfScenario, trafficSchema, workloadId, workloadName } from './named.ts';
export {
  agenticScenario,
  checkReplay,
  isOwnReplay,
  type ReplaySettings,
  type ReplaySource,
  replayFields,
  replayKind,
  replayOf,
  replaySettings,
} from './replay.ts';
export { searchOf } from './search.ts';

// Loaded on demand, with the load generator that it needs.
export const loadWorkloadTests = () => import('./load.ts');
