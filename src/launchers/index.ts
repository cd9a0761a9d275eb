export { EngineFailure } from './engine-failure.ts';
export type {
  EndedOrphan,
  EngineExit,
  LaunchContext,
  LaunchedStep,
  Launcher,
  LaunchProgress,
  LaunchRequest,
  Reservation,
  ReserveRequest,
  RunningEngine,
} from './launcher.ts';
export { usualLauncher } from './list.ts';
export { acceleratorsInWords, environmentFinding } from './node-checks.ts';
export {
  engineRecords,
  examinePlace,
  launcherFor,
  launcherKindOf,
  listenAddress,
  poolVariables,
} from './place.ts';
export { loadPool, type Pool } from './pool.ts';
export { type LauncherKind, launcherKinds, type NodeSettings, poolSettingsSchema } from './pool-settings.ts';
export { engineDied, logTail, waitUntilReady } from './readiness.ts';
