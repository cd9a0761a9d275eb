export { type Explanation, explainLog, explanationInWords } from './explain.ts';
export { type EndFacts, type KnownFailure, knownFailures } from './known/index.ts';
export { type EngineEnd, memoryRanOut } from './out-of-memory.ts';
export {
  endsTheEngine,
  endsTheReservation,
  endsTheSweep,
  type Failure,
  type FailureClass,
  type FailureRule,
  type FailureRules,
  failsEverywhere,
  failureClasses,
  failureTable,
  isFailureClass,
} from './table.ts';
