export type { RemoteHost } from './definition.ts';
export { freeBytesAt } from './disk.ts';
export { nodeBeyond } from './elsewhere.ts';
export {
  ask,
  type CommandOutput,
  type Host,
  HostFailure,
  mustRun,
  type ProcessExit,
  type Reached,
  type Runner,
  type Started,
  type TextFile,
} from './host.ts';
export { remoteHosts } from './list.ts';
export { appendToLog } from './log-file.ts';
export { thisMachine } from './this-machine.ts';
