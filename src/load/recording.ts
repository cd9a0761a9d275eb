import { isOfOtherLength, recordTokens } from './count-tokens.ts';
import { type DoubtCounts, eachDoubt } from './fidelity/doubts.ts';
import type { ReadyRequest } from './ready-queue.ts';
import type { Reply, Settled } from './reply/index.ts';
import type { RequestLog } from './request-log.ts';
import { countedTokenGaps } from './token-gaps.ts';

/** Which replies' texts are kept, to count their tokens after the test. */
export type KeepTexts =
  | 'none'
  /** A few, to compare with the server's counts. */
  | 'sample'
  /** All, because the server's replies carry no usage. */
  | 'all';

/** The sample consists of this many requests from the start of a test. */
const sampledTexts = 32;

/** Whether the text of a request's reply is kept for the tokenizer. */
export function isForTokenizer(keepTexts: KeepTexts, index: number): boolean {
  return keepTexts === 'all' || (keepTexts === 'sample' && index < sampledTexts);
}

/** Running counts over a thread's streams, with one counter for each doubt about replies. */
export interface StreamCounters extends DoubtCounts {
  inFlight: number;
  completed: number;
  failed: number;
  outputTokens: number;
  /** Replies without usage, whose tokens the tokenizer counts. */
  repliesCountedByTokenizer: number;
  /** Replies with several choices, each of which is measured separately. */
  repliesOfSeveralChoices: number;
  /** Replies that could not be part of the next turn, because they failed or had no text. */
  repliesNotContinued: number;
  /** Connections opened while the clock was running. */
  reconnects: number;
}

export function newCounters(): StreamCounters {
  return {
    ...eachDoubt(() => 0),
    inFlight: 0,
    completed: 0,
    failed: 0,
    outputTokens: 0,
    repliesCountedByTokenizer: 0,
    repliesOfSeveralChoices: 0,
    repliesNotContinued: 0,
    reconnects: 0,
  };
}

/** Where a phase's requests are recorded. */
export interface Recording {
  readonly log: RequestLog;
  readonly counters: StreamCounters;
  readonly keepTexts: KeepTexts;
}

/** If more than this share of a reply's events arrived together with the previous one, something buffered them. */
const heldBackShare = 0.15;
/** Replies with fewer events are too short to judge. */
const leastOfBursts = 8;
const noGaps = new Float32Array();

/** Records a complete, successful reply that ended at `endMs`. */
export function recordReply(
  { log, counters, keepTexts }: Recording,
  index: number,
  request: ReadyRequest,
  reply: Reply,
  { ignoreEos, endMs }: { readonly ignoreEos: boolean; readonly endMs: number },
): void {
  if (reply.isPooled) {
    recordResults(log, counters, { index, request, reply, endMs });
    return;
  }
  const { promptTokens } = reply;
  const { outputTokens: asked, inputTokens = promptTokens } = request;
  const settled = reply.settle(inputTokens);
  recordTimes(log, index, reply, settled, endMs);
  log.chunks[index] = settled.timesMs.length;
  log.inputTokens[index] = inputTokens ?? request.estimatedInputTokens ?? Number.NaN;
  log.cachedTokens[index] = reply.cachedTokens ?? Number.NaN;
  counters.completed++;
  if (promptTokens !== undefined && promptTokens !== inputTokens) counters.prompt_token_mismatches++;
  countDoubts(counters, reply, settled, asked);
  if (settled.bounds !== undefined && !reply.isUnstreamed)
    log.undecided.push({ index, bounds: settled.bounds });
  for (const note of reply.notes) log.trouble(index, note.class, note.message, false);
  log.recordText(index, reply.text);
  const isForCount = isForTokenizer(keepTexts, index);
  recordCount(log, counters, { index, reply, settled, asked, ignoreEos, isForTokenizer: isForCount });
}

/** Records a reply without generated tokens. */
function recordResults(
  log: RequestLog,
  counters: StreamCounters,
  reading: {
    readonly index: number;
    readonly request: ReadyRequest;
    readonly reply: Reply;
    readonly endMs: number;
  },
): void {
  const { index, request, reply, endMs } = reading;
  const { inputTokens: sent, estimatedInputTokens } = request;
  const { promptTokens } = reply;
  log.lastTokenMs[index] = endMs;
  log.results[index] = reply.results;
  log.outputTokens[index] = 0;
  log.inputTokens[index] = sent ?? promptTokens ?? estimatedInputTokens ?? Number.NaN;
  counters.completed++;
  if (promptTokens !== undefined && sent !== undefined && promptTokens !== sent) {
    counters.prompt_token_mismatches++;
  }
  for (const note of reply.notes) log.trouble(index, note.class, note.message, false);
}

/** Counts what makes a reply's figures less certain. */
function countDoubts(counters: StreamCounters, reply: Reply, settled: Settled, asked: number): void {
  const { isUnstreamed } = reply;
  const { timesMs, starts, instants, tokens } = settled;
  if (settled.usageConflicts) counters.usage_conflicts++;
  if (settled.isDoubtful && !isUnstreamed) counters.doubtful_replies++;
  if (settled.hidesTokens) counters.replies_with_hidden_tokens++;
  if (reply.unreadable > 0) counters.malformed_replies++;
  if (reply.hasUnknownEnding) counters.unknown_endings++;
  // A reply of the requested length was not cut off.
  const isWhole = tokens !== undefined && tokens >= asked * reply.choicesAsked;
  if (reply.lacksFinish && !isWhole) counters.replies_without_finish++;
  if (reply.wasBegunAgain) counters.replies_begun_again++;
  if (reply.wentOnAfterEnd) counters.replies_beyond_end++;
  if (reply.choices !== reply.choicesAsked) counters.choice_mismatches++;
  if (reply.choices > 1) counters.repliesOfSeveralChoices++;
  if (isUnstreamed) counters.unstreamed_replies++;
  else if (settled.decodeSteps === 0 && (settled.tokens ?? 1) > starts.length) counters.replies_at_once++;
  else if (timesMs.length >= leastOfBursts && timesMs.length - instants > heldBackShare * timesMs.length) {
    counters.replies_in_bursts++;
  }
}

/** Records the times of a reply; no token times if it arrived as one text. */
function recordTimes(log: RequestLog, index: number, reply: Reply, settled: Settled, endMs: number): void {
  const known = (atMs: number): number => (reply.isUnstreamed ? Number.NaN : atMs);
  log.firstTokenMs[index] = known(settled.firstMs);
  log.lastTokenMs[index] = Number.isNaN(settled.lastMs) ? endMs : settled.lastMs;
  log.firstTextMs[index] = known(reply.firstTextMs);
  log.firstAnswerMs[index] = known(reply.firstAnswerMs);
  log.decodeMs[index] = known(settled.decodeMs);
}

/** Records a reply's tokens by the best available count, now or, if the tokenizer has to count, after the test. */
function recordCount(
  log: RequestLog,
  counters: StreamCounters,
  reading: {
    readonly index: number;
    readonly reply: Reply;
    readonly settled: Settled;
    readonly asked: number;
    readonly ignoreEos: boolean;
    readonly isForTokenizer: boolean;
  },
): void {
  const { index, reply, settled, asked, ignoreEos } = reading;
  const isStated = reply.completionTokens !== undefined && !settled.usageConflicts;
  const chunkGapsMs = reply.isUnstreamed ? noGaps : gapsOf(settled);
  if (reading.isForTokenizer && reply.text !== '') {
    const usageTokens = isStated ? settled.tokens : undefined;
    const kept = {
      index,
      text: reply.text,
      usageTokens,
      chunkGapsMs: isStated ? noGaps : chunkGapsMs.slice(),
      choices: settled.starts.length,
      asked: asked * reply.choices,
    };
    if (log.keepText(kept) && !isStated) {
      counters.repliesCountedByTokenizer++;
      return;
    }
  }
  const { tokens } = settled;
  if (tokens === undefined || (reply.isUnstreamed && !isStated)) {
    counters.uncounted_replies++;
    log.recordGaps(index, chunkGapsMs, noGaps);
    return;
  }
  if (!isStated && !settled.usageConflicts) counters.replies_without_usage++;
  counters.outputTokens += tokens;
  const expected = asked * reply.choices;
  if (
    isStated &&
    isOfOtherLength({ tokens, asked: expected, ignoreEos, endedByLength: reply.endedByLength })
  ) {
    counters.output_length_mismatches++;
  }
  const { counts, sentTokens = tokens, starts } = settled;
  const cameAtOnce = settled.decodeSteps === 0 && sentTokens > starts.length;
  const tokenGapsMs = cameAtOnce
    ? noGaps
    : counts === undefined
      ? undefined
      : countedTokenGaps(chunkGapsMs, counts);
  recordTokens(log, index, {
    tokens,
    sentTokens,
    choices: starts.length,
    decodeSteps: reply.isUnstreamed ? 0 : settled.decodeSteps,
    asked: expected,
    ignoreEos,
    endedByLength: reply.endedByLength,
    chunkGapsMs,
    tokenGapsMs,
  });
}

let gapsBuffer = new Float32Array(1024);

/** Gaps between the successive arrivals of each choice, in milliseconds. The array is reused by the next call. */
function gapsOf({ timesMs, starts }: Settled): Float32Array {
  if (timesMs.length > gapsBuffer.length) gapsBuffer = new Float32Array(2 * timesMs.length);
  let used = 0;
  for (let choice = 0; choice < starts.length; choice++) {
    const end = starts[choice + 1] ?? timesMs.length;
    for (let at = (starts[choice] ?? 0) + 1; at < end; at++) {
      gapsBuffer[used++] = (timesMs[at] ?? Number.NaN) - (timesMs[at - 1] ?? Number.NaN);
    }
  }
  return gapsBuffer.subarray(0, used);
}
