import { defined } from '../defined/defined.ts';
import type { Engine } from '../engines/index.ts';
import {
  type EndFacts,
  type Explanation,
  explanationInWords,
  type Failure,
  type FailureClass,
} from '../failures/index.ts';
import type { EngineFailure } from '../launchers/index.ts';

/** Explains the log of an engine. */
export type Explainer = Pick<Engine, 'explainExit'>;

/**
 * The failure of an engine that ended before it was ready, with the reason in words if its log or the
 * launcher has one.
 */
export function startFailure(error: EngineFailure, engine: Explainer): Failure {
  const failure = engineFailure(error, engine, error.message);
  return failure.failureClass === 'engine-died' ? { ...failure, failureClass: 'died-on-start' } : failure;
}

/** The failure of an engine that ended while a point was measured. */
export function measurementFailure(error: EngineFailure, engine: Explainer): Failure {
  return { ...engineFailure(error, engine, `${error.message} during the measurement`), engineEnded: true };
}

function engineFailure(error: EngineFailure, { explainExit }: Explainer, message: string): Failure {
  const { failureClass, logTail, logs, facts, nodes } = error;
  const told = leavesOpen.has(failureClass) ? explainLogs(logs, facts, explainExit) : undefined;
  const { deviceTrouble } = facts;
  const failure = explained({ failureClass, message }, told);
  const isOfDevices = deviceTrouble !== undefined && failure.failureClass === 'node-broken';
  const words = isOfDevices ? `${failure.message}; the node's own tools: ${deviceTrouble}` : failure.message;
  return { ...failure, message: words, logTail, ...defined({ nodes }) };
}

/** Failure classes for which a launcher does not know the cause, so that a log may refine them. */
const leavesOpen: ReadonlySet<FailureClass> = new Set([
  'cannot-start',
  'died-on-start',
  'engine-died',
  'image-unfit',
  'never-ready',
]);

/** The explanation of the first log with a known meaning, or else the first explanation. */
export function explainLogs(
  logs: readonly string[],
  facts: EndFacts,
  explain: Engine['explainExit'],
): Explanation | undefined {
  const told = logs.flatMap((log) => explain(log, facts) ?? []);
  return told.find(({ meaning }) => meaning !== undefined) ?? told[0];
}

/** Adds an explanation to a failure. */
export function explained(failure: Failure, told: Explanation | undefined): Failure {
  if (told === undefined) return failure;
  const { meaning, line, todo, failureClass = failure.failureClass } = told;
  // The failure's message may already contain the line.
  const isSaid = line !== undefined && failure.message.includes(line);
  const more = isSaid ? (meaning ?? '') : explanationInWords(told);
  const message = more === '' ? failure.message : `${failure.message}: ${more}`;
  return { ...failure, failureClass, message, ...defined({ todo }) };
}

/** A session could not start its engine, for a reason outside the engine. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
  readonly failureClass: FailureClass;

  constructor(failureClass: FailureClass, message: string) {
    super(message);
    this.failureClass = failureClass;
  }
}
