import { defined } from '../defined/defined.ts';
import type { ReplayPhase } from './agentic/replay/schedule.ts';
import type { Verdict } from './fidelity/verdict-names.ts';
import { lastReplyMs, startMsOf, tpotMsOf } from './latencies.ts';
import type { StreamCounters } from './recording.ts';
import { type RequestLog, RequestState } from './request-log.ts';
import { quantileOfSorted } from './statistics/summary.ts';
import { orNull, valueAt } from './unknown.ts';

/** Progress of a running test. */
export interface LoadProgress {
  readonly elapsedS: number;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly inFlight: number;
  /** The server generates nothing, so the figures of tokens below do not exist. */
  readonly generates?: false;
  /**
   * Output tokens per second of the replies completed so far, up to the end of the last one; null if some are
   * uncounted.
   */
  readonly outputThroughput: number | null;
  readonly requestThroughput: number;
  /** Median over at most the last 500 replies; null if none of them has the figure. */
  readonly medianTtftMs: number | null;
  readonly medianTpotMs: number | null;
  /** Only of a replay of agent sessions. */
  readonly replay?: {
    readonly phase: ReplayPhase;
    /** Session trees that were played to their end. */
    readonly treesDone: number;
    /** Seconds of the measured phase that are left; undefined before it. */
    readonly leftS: number | undefined;
  };
  /** Verdict on the test so far. */
  readonly verdict: Verdict;
}

/** Sorting more of them while the clock runs would delay the reading of replies. */
const recentReplies = 500;

/** Progress of a test that started at `startMs` of the log's clock. */
export function progressOf(
  log: RequestLog,
  counters: Readonly<StreamCounters>,
  at: { readonly startMs: number; readonly nowMs: number },
  verdict: Verdict,
  { generates = true }: { readonly generates?: boolean } = {},
): LoadProgress {
  const { completed, failed, inFlight } = counters;
  const ttftsMs: number[] = [];
  const tpotsMs: number[] = [];
  let replies = 0;
  for (let index = log.length - 1; index >= 0 && replies < recentReplies; index--) {
    if (log.state[index] !== RequestState.completed) continue;
    replies++;
    ttftsMs.push(valueAt(log.firstTokenMs, index) - startMsOf(log, index, 'sent'));
    tpotsMs.push(tpotMsOf(log, index));
  }
  // As in the result: requests without a reply yet are in no rate, because they may never complete.
  const seconds = (lastReplyMs(log) - at.startMs) / 1000;
  const rate = (count: number): number => (completed === 0 ? 0 : count / seconds);
  return {
    elapsedS: (at.nowMs - at.startMs) / 1000,
    total: log.length,
    completed,
    failed,
    inFlight,
    ...defined({ generates: generates ? undefined : (false as const) }),
    outputThroughput: orNull(rate(outputTokensOf(counters))),
    requestThroughput: rate(completed),
    medianTtftMs: medianOf(ttftsMs),
    medianTpotMs: medianOf(tpotsMs),
    verdict,
  };
}

/** NaN if some tokens are not counted, or not counted yet. */
function outputTokensOf(counters: Readonly<StreamCounters>): number {
  const { outputTokens, uncounted_replies: uncounted, repliesCountedByTokenizer } = counters;
  return uncounted + repliesCountedByTokenizer > 0 ? Number.NaN : outputTokens;
}

function medianOf(samples: readonly number[]): number | null {
  const sorted = samples.filter((sample) => !Number.isNaN(sample)).sort((a, b) => a - b);
  return orNull(quantileOfSorted(sorted, 0.5));
}
