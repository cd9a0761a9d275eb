export { publicSeqLens, seqLenName } from './entries.ts';
export {
  isMultiNode,
  type MatrixEntry,
  type MultiNodeEntry,
  type SingleNodeEntry,
  type WorkerGroup,
} from './entry.ts';
export { fullSweep, type NodeKind, type SweepFilters } from './full-sweep.ts';
export { type RunnerModelSweep, runnerModelSweep } from './runner-model-sweep.ts';
export { testConfig } from './test-config.ts';
