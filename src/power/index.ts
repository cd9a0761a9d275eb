export { type JudgedPower, type PowerAudit, withoutRow } from './audit.ts';
export type { PowerPackage } from './nodes/package.ts';
export type { BenchmarkResult } from './nodes/result-window.ts';
export { type NodesSampling, packageOf, type SampledBenchmark, type UsedGpu } from './nodes/sampled-nodes.ts';
export {
  type NodesPower,
  type NodesPowerAudit,
  type NoPackage,
  powerOfNodes,
} from './nodes/several-nodes.ts';
export type { AskedGpus } from './nodes/topology.ts';
export type { WindowFile, WindowFiles, WindowResult } from './nodes/windows.ts';
export { type NodePower, powerOfNode, powerWithoutWindow, unjudgedPower } from './one-node.ts';
export { type PowerReason, powerReasons } from './reasons.ts';
export { type RecordedGpu, recordedPower } from './recorded.ts';
export { rowWithPower } from './row.ts';
