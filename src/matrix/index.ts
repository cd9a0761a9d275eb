export {
  isMultiNode,
  isSingleNode,
  type MatrixEntry,
  type MultiNodeEntry,
  type SingleNodeEntry,
  type WorkerGroup,
} from '../identity/entry.ts';
export { maxModelLen, publicSeqLens, seqLenName } from './entries.ts';
export { type Decision, decide, fullSweep, type NodeKind, type SweepFilters } from './full-sweep.ts';
export { type RunnerModelSweep, runnerModelSweep } from './runner-model-sweep.ts';
export { shardsForActions } from './shards.ts';
export { testConfig, testConfigDecisions } from './test-config.ts';
