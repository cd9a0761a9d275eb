export { identityOf, isAlive, type ProcessIdentity } from '../process/identity.ts';
export type { EndedOrphan, EngineExit, Launcher, LaunchRequest, RunningEngine } from './launcher.ts';
export { LocalLauncher } from './local.ts';
export { loadPoolSettings, type PoolSettings } from './pool-settings.ts';
export { EngineFailure, type EngineFailureClass, engineDied, waitUntilReady } from './readiness.ts';
