export { type EngineEnd, memoryRanOut, memoryWords, wasKilled } from './out-of-memory.ts';
export {
  endsTheEngine,
  endsTheReservation,
  endsTheSweep,
  type Failure,
  type FailureClass,
  type FailureRule,
  type FailureRules,
  failureClasses,
  failureTable,
  isFailureClass,
} from './table.ts';
