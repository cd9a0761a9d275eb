export {
  type GeneratedEntry,
  isAgentic,
  isMultiNode,
  isSingleNode,
  type MatrixEntry,
  type MultiNodeEntry,
  type SingleNodeEntry,
  type WorkerGroup,
} from '../identity/entry.ts';
export { lengthMargin as augustLengthMargin } from './august/fixed.ts';
export { seqLenName as augustSeqLenName } from './august/names.ts';
export { matchesShellPattern } from './august/shell-pattern.ts';
export { generatorFor, generators, publicSeqLens } from './contracts.ts';
export type {
  Decision,
  EvalSelection,
  NodeKind,
  SweepFilters,
  TestFilters,
} from './decision.ts';
export { maxModelLen, seqLenName } from './entries.ts';
export { decide, fullSweep } from './full-sweep.ts';
export type { Generator } from './generator.ts';
export { ItemFault } from './item-fault.ts';
export { measuredEntries, measuredEntry } from './measured.ts';
export { type RunnerModelSweep, runnerModelSweep } from './runner-model-sweep.ts';
export { shardsForActions } from './shards.ts';
export { testConfig, testConfigDecisions } from './test-config.ts';
