export { containerImageFault, hasVersion } from './container-image.ts';
export { type LaunchCommand, placeholders, type ShownEngine } from './definition.ts';
export { EngineFailure } from './engine-failure.ts';
export { engineLogs, logTail } from './engine-log.ts';
export type {
  EndedOrphan,
  EngineExit,
  LaunchContext,
  LaunchedStep,
  Launcher,
  LaunchProgress,
  LaunchRequest,
  ReachedExporters,
  Reservation,
  ReserveRequest,
  RunningEngine,
  WorkFiles,
} from './launcher.ts';
export { launcherOfThisMachine, usualLauncher } from './list.ts';
export { acceleratorsInWords, environmentFinding } from './node-checks.ts';
export { examineLoad } from './node-load.ts';
export {
  acceleratorsPerNode,
  choosesNodes,
  destinationOf,
  engineRecords,
  examineImage,
  examinePlace,
  launchCommands,
  launcherFor,
  launcherKindOf,
  listenAddress,
  machineOf,
  nodesFault,
  poolVariables,
  reachFault,
  seesPath,
} from './place.ts';
export { fileOfPool, loadPool, type Pool } from './pool.ts';
export {
  type LauncherKind,
  launcherKinds,
  type NodeSettings,
  poolSettingsSchema,
  withLauncher,
} from './pool-settings.ts';
export { holderInWords } from './port-holder.ts';
export { LogWatch } from './quiet-log.ts';
export { engineDied, waitUntilReady } from './readiness.ts';
export { reserveRunningServer } from './running-server.ts';
export { whatItDoes } from './what-it-does.ts';
