import type { Engine } from '../engines/index.ts';
import { type Failure, type FailureClass, memoryRanOut } from '../failures/index.ts';
import type { EngineFailure } from '../launchers/index.ts';

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

/** A session that cannot start its engine, for a reason that no engine gave. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
  readonly failureClass: FailureClass;

  constructor(failureClass: FailureClass, message: string) {
    super(message);
    this.failureClass = failureClass;
  }
}

/** What a launcher knows of an end, or what the engine's last words say where it knows nothing better. */
function classOf({ failureClass, logTail }: EngineFailure): FailureClass {
  const saysMore = failureClass === 'engine-died' && memoryRanOut({ log: logTail }) !== undefined;
  return saysMore ? 'out-of-memory' : failureClass;
}
