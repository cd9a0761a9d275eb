export { identityOf, isAlive, type ProcessIdentity } from '../process/identity.ts';
export type { Finding } from './doctor/finding.ts';
export { examineMachine } from './doctor/machine.ts';
export { examinePlace } from './doctor/place.ts';
export { poolEnvironment } from './engine-environment.ts';
export { EngineFailure } from './engine-failure.ts';
export type {
  EndedOrphan,
  EngineExit,
  LaunchContext,
  Launcher,
  LaunchFile,
  LaunchProgress,
  LaunchRequest,
  LaunchStep,
  Reservation,
  ReserveRequest,
  RunningEngine,
} from './launcher.ts';
export { type LauncherContext, launcherFor } from './launcher-for.ts';
export { listenAddress, loadPool, type Pool } from './pool.ts';
export { type NodeSettings, poolSettingsSchema } from './pool-settings.ts';
export { engineDied, logTail, waitUntilReady } from './readiness.ts';
