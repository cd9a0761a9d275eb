import type { Engine } from '../engines/index.ts';
import type { EngineFailure } from '../launchers/index.ts';
import type { Failure, FailureClass } from './failure.ts';

/** How runtimes say that memory ran out, of the machine or of an accelerator. */
const memoryRanOut =
  /out of memory|outofmemory|bad_alloc|cannot allocate memory|heap limit|oom[- ]kill|cudaErrorMemoryAllocation/i;

/** An engine that failed before it was ready, in the engine's own explanation where it has one. */
export function startFailure(error: EngineFailure, engine: Engine): Failure {
  const reading = engine.explainExit(error.logTail);
  const message = reading === undefined ? error.message : `${error.message}: ${reading}`;
  const failureClass = classOf(error);
  return {
    failureClass: failureClass === 'engine-died' ? 'died-on-start' : failureClass,
    message,
    logTail: error.logTail,
  };
}

/** An engine that failed while a point was measured. */
export function measurementFailure(error: EngineFailure): Failure {
  return {
    failureClass: classOf(error),
    message: `${error.message} during the measurement`,
    logTail: error.logTail,
  };
}

function classOf({ failureClass, logTail }: EngineFailure): FailureClass {
  return failureClass === 'engine-died' && memoryRanOut.test(logTail) ? 'out-of-memory' : failureClass;
}
