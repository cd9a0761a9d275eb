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

/** Who knows what an engine's log says. */
export type Explainer = Pick<Engine, 'explainExit'>;

/** An engine that failed before it was ready, in plain words where its log, or what started it, says why. */
export function startFailure(error: EngineFailure, engine: Explainer): Failure {
  const failure = engineFailure(error, engine, error.message);
  return failure.failureClass === 'engine-died' ? { ...failure, failureClass: 'died-on-start' } : failure;
}

/** An engine that ended while a point was measured. */
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

/** What a launcher says of an end without knowing why: a log may say more. Of everything else it is sure. */
const leavesOpen: ReadonlySet<FailureClass> = new Set([
  'cannot-start',
  'died-on-start',
  'engine-died',
  'image-unfit',
  'never-ready',
]);

/** The first log that says something known, or else the first that says anything. */
export function explainLogs(
  logs: readonly string[],
  facts: EndFacts,
  explain: Engine['explainExit'],
): Explanation | undefined {
  const told = logs.flatMap((log) => explain(log, facts) ?? []);
  return told.find(({ meaning }) => meaning !== undefined) ?? told[0];
}

/** A failure with what is known of its cause. */
export function explained(failure: Failure, told: Explanation | undefined): Failure {
  if (told === undefined) return failure;
  const { meaning, line, todo, failureClass = failure.failureClass } = told;
  // A command's own words may be the line that tells.
  const isSaid = line !== undefined && failure.message.includes(line);
  const more = isSaid ? (meaning ?? '') : explanationInWords(told);
  const message = more === '' ? failure.message : `${failure.message}: ${more}`;
  return { ...failure, failureClass, message, ...defined({ todo }) };
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
