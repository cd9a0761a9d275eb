import { tpotMsOf } from '../../latencies.ts';
import type { RequestLog } from '../../request-log.ts';
import { RequestState } from '../../request-log.ts';
import { orNull, valueAt } from '../../unknown.ts';
import type { ReplaySend } from './schedule.ts';
import type { TurnOutcome } from './tree-play.ts';

/** What was measured of one request. Times are milliseconds on the monotonic clock. */
export interface ReplayRecord {
  readonly send: ReplaySend;
  readonly sessionId: string;
  readonly outcome: TurnOutcome | 'cancelled';
  readonly error: { readonly type: string; readonly message: string } | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly ttftMs: number | null;
  readonly e2elMs: number | null;
  readonly tpotMs: number | null;
  /** The server's count, else what was sent. */
  readonly inputTokens: number;
  readonly outputTokens: number | null;
  readonly cachedTokens: number | null;
  /** How much later than due it was sent. */
  readonly lateMs: number;
}

/** The record of a request that was logged alone. */
export function recordOf(
  send: ReplaySend,
  log: RequestLog,
  known: {
    readonly sessionId: string;
    readonly isCancelled: boolean;
    readonly dueMs: number;
    readonly nowMs: number;
  },
): ReplayRecord {
  const at = (column: Float64Array): number => valueAt(column, 0);
  const isCompleted = log.state[0] === RequestState.completed;
  const [trouble] = [...log.troubles.values()].filter(({ failed }) => failed);
  const startMs = at(log.startMs);
  const type = trouble?.class ?? 'unknown';
  const outcome = known.isCancelled
    ? 'cancelled'
    : isCompleted
      ? 'completed'
      : isTooLong(trouble?.example ?? '')
        ? 'too-long'
        : 'failed';
  const isMeasured = outcome === 'completed';
  return {
    send,
    sessionId: known.sessionId,
    outcome,
    error: isMeasured ? undefined : { type, message: trouble?.example ?? 'the request did not end' },
    startMs,
    endMs: isMeasured ? at(log.lastTokenMs) : known.nowMs,
    ttftMs: isMeasured ? orNull(at(log.firstTokenMs) - startMs) : null,
    e2elMs: isMeasured ? orNull(at(log.lastTokenMs) - startMs) : null,
    tpotMs: isMeasured ? orNull(tpotMsOf(log, 0)) : null,
    inputTokens: Number.isNaN(at(log.inputTokens))
      ? (send.conversation.turns[send.turn]?.inputTokens ?? 0)
      : at(log.inputTokens),
    outputTokens: isMeasured ? orNull(at(log.outputTokens)) : null,
    cachedTokens: isMeasured ? orNull(at(log.cachedTokens)) : null,
    lateMs: startMs - known.dueMs,
  };
}

/** Servers refuse a prompt that does not fit their context in many words. */
const overflowWords =
  /context[ _]?(length|window|size)|maximum (model|input|sequence) length|max_model_len|exceeds? the (available )?context|too (long|many tokens)/i;

export function isTooLong(message: string): boolean {
  return overflowWords.test(message);
}
