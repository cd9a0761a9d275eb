import { defined } from '../../defined/defined.ts';
import { backendFor, poolingOf } from '../backends/index.ts';
import { hasPauses } from '../datasets/index.ts';
import { lastEndMs, lastReplyMs, latenciesOf, sendDelaysMs } from '../latencies.ts';
import { arrivalsOf, hasBound, type LoadTest } from '../load-test.ts';
import type { StreamCounters } from '../recording.ts';
import { type RequestLog, RequestState } from '../request-log.ts';
import type { AddressUse, Fidelity, TokenizerCheck } from '../result-schema.ts';
import { mostCachedShare } from '../statistics/ideal-prefix-cache.ts';
import { prefixCache } from '../statistics/prefix-cache.ts';
import { quantileOfSorted } from '../statistics/summary.ts';
import { known, orNull, unknownCount, valueAt } from '../unknown.ts';
import { meanInFlight, peakInFlight } from './concurrency.ts';
import { eachDoubt } from './doubts.ts';
import type { LoopLag } from './loop-lag.ts';
import { areFiguresDecided } from './undecided.ts';
import { type FidelityFacts, judge } from './verdict.ts';

const lateSendMs = 1;

/** Facts about the client's own process. */
export interface ClientFacts {
  readonly loopLag: LoopLag;
  readonly counters: StreamCounters;
  readonly cpuShare: number;
  readonly threads: number;
  readonly resolutionMs: number;
  /** How each address of the server's name was used; undefined if it has only one. */
  readonly addresses?: readonly AddressUse[] | undefined;
}

/** All facts about a test that has ended. */
export function factsOf(
  test: LoadTest,
  log: RequestLog,
  client: ClientFacts,
  tokenizerCheck: TokenizerCheck | undefined,
  partial: boolean,
): FidelityFacts {
  const sent = (column: Float64Array): Float64Array =>
    column.filter(
      (_, index) => log.state[index] !== RequestState.unsent && !Number.isNaN(valueAt(log.startMs, index)),
    );
  const delaysMs = sendDelaysMs(log).sort();
  const starts = sent(log.startMs);
  const ends = sent(log.endMs);
  const cheap = cheapFacts(test, client);
  const replyMs = log.completed((index) => valueAt(log.endMs, index));
  const { ttftMs, e2elMs } = latenciesOf(log, 'due');
  const medianOf = (samples: Float64Array): number => quantileOfSorted(known(samples).sort(), 0.5);
  const medianTtftMs = medianOf(ttftMs);
  const lastMs = lastReplyMs(log);
  return {
    ...cheap,
    ...defined({ tokenizer_check: tokenizerCheck }),
    doubtful_replies: cheap.doubtful_replies - (areFiguresDecided(log, test) ? log.undecided.length : 0),
    output_length_mismatches: countOf(log, 'short-reply') + countOf(log, 'long-reply'),
    partial,
    medianTtftMs: Number.isNaN(medianTtftMs) ? medianOf(e2elMs) : medianTtftMs,
    achieved_concurrency: meanInFlight(starts, ends, {
      asked: cheap.asked_concurrency ?? starts.length,
      firstReplyMs: replyMs.reduce((first, atMs) => Math.min(first, atMs), Number.POSITIVE_INFINITY),
      lastReplyMs: lastMs,
    }),
    peak_concurrency: peakInFlight(starts, ends),
    ...rates(log),
    late_sends: delaysMs.filter((delayMs) => delayMs > lateSendMs).length,
    send_delay_p99_ms: orNull(quantileOfSorted(delaysMs, 0.99)),
    unknown_first_tokens: generatesNothing(test) ? 0 : unknownCount(ttftMs),
    unknown_input_lengths: unknownCount(log.completed((index) => valueAt(log.inputTokens, index))),
    unknown_output_lengths: unknownCount(log.completed((index) => valueAt(log.outputTokens, index))),
    failures_after_last_reply_s: Math.max(0, (lastEndMs(log, RequestState.failed) - lastMs) / 1000 || 0),
    cached_share_of_random_prompts: test.dataset.kind === 'random' ? prefixCache(log).share : null,
    cached_share_beyond_ideal: cachedShareBeyondIdeal(test, log),
  };
}

/**
 * Another shard may send the same prefixes, so for a shard this is unknown, and so it is for a window: at its edges, the
 * order in which prompts are sent is not that in which the ideal cache gets them.
 */
function cachedShareBeyondIdeal(test: LoadTest, log: RequestLog): number | null {
  const { share } = prefixCache(log);
  if (share === null || test.shard !== undefined || log.window !== undefined) return null;
  const most = mostCachedShare(test, log);
  return most === null ? null : share - most;
}

function generatesNothing(test: LoadTest): boolean {
  return poolingOf(backendFor(test)) !== undefined;
}

/** The number of requests with one kind of trouble. */
function countOf(log: RequestLog, troubleClass: string): number {
  const trouble = log.troubles.get(troubleClass);
  return trouble === undefined ? 0 : trouble.count;
}

/** Scheduled and actual sends per second of an open loop, from the first to the last. */
function rates(log: RequestLog): Pick<FidelityFacts, 'asked_rate' | 'achieved_rate'> {
  const wasSent = (index: number): boolean =>
    log.state[index] !== RequestState.unsent && !Number.isNaN(log.scheduledMs[index]);
  const rateOf = (column: Float64Array): number => {
    const timesMs = column.filter((_, index) => wasSent(index)).sort();
    if (timesMs.length === 0) return 0;
    const spanMs = valueAt(timesMs, timesMs.length - 1) - valueAt(timesMs, 0);
    return spanMs > 0 ? (1000 * (timesMs.length - 1)) / spanMs : 0;
  };
  const asked = rateOf(log.scheduledMs);
  return asked > 0 ? { asked_rate: asked, achieved_rate: rateOf(log.startMs) } : {};
}

/**
 * A preliminary verdict without figures that require sorting, which would delay the reading of replies while the clock
 * runs.
 */
export function verdictSoFar(test: LoadTest, client: ClientFacts): Fidelity {
  const facts = cheapFacts(test, client);
  const asked = facts.asked_concurrency ?? client.counters.inFlight;
  return judge({
    ...facts,
    // Before the first reply, nothing has failed yet.
    completed: Math.max(1, facts.completed),
    partial: false,
    medianTtftMs: 0,
    achieved_concurrency: asked,
    peak_concurrency: asked,
    late_sends: 0,
    send_delay_p99_ms: null,
    unknown_first_tokens: 0,
    unknown_input_lengths: 0,
    unknown_output_lengths: 0,
    failures_after_last_reply_s: 0,
    cached_share_of_random_prompts: null,
    cached_share_beyond_ideal: null,
  });
}

function cheapFacts(
  test: LoadTest,
  { loopLag, counters, cpuShare, threads, resolutionMs, addresses }: ClientFacts,
) {
  return {
    numPrompts: test.numPrompts,
    completed: counters.completed,
    failed: counters.failed,
    idlesOnPurpose:
      arrivalsOf(test) !== undefined || test.concurrencyRampS !== undefined || hasPauses(test.dataset),
    asked_concurrency: hasBound(test) ? Math.min(test.maxConcurrency, test.numPrompts) : null,
    loop_lag_ms: { p50: loopLag.p50Ms, p99: loopLag.p99Ms, max: loopLag.maxMs },
    client_cpu_share: cpuShare,
    client_threads: threads,
    clock_resolution_ms: resolutionMs,
    reconnects: counters.reconnects,
    ...eachDoubt((name) => counters[name]),
    replies_counted_by_tokenizer: counters.repliesCountedByTokenizer,
    replies_of_several_choices: counters.repliesOfSeveralChoices,
    ...defined({ addresses }),
  };
}
