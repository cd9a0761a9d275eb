import { recordTokens } from './count-tokens.ts';
import type { ReadyRequest } from './ready-queue.ts';
import type { Reply, Settled } from './reply/index.ts';
import type { RequestLog } from './request-log.ts';
import { countedTokenGaps } from './token-gaps.ts';

/** Which replies' texts are kept, to count their tokens after the test. */
export type KeepTexts =
  | 'none'
  /** A few, to compare the server's counts with. */
  | 'sample'
  /** Those that carry no usage, which are all that can be expected to. */
  | 'all';

/** Of a sample, the first so many requests of a test. */
const sampledTexts = 32;

/** Whether the text of a request's reply is kept for the tokenizer. */
export function isForTokenizer(keepTexts: KeepTexts, index: number): boolean {
  return keepTexts === 'all' || (keepTexts === 'sample' && index < sampledTexts);
}

/** Running counts over the streams of a thread. */
export interface StreamCounters {
  inFlight: number;
  completed: number;
  failed: number;
  outputTokens: number;
  outputLengthMismatches: number;
  /** Requests whose reply the server counted with another number of prompt tokens than was sent. */
  promptTokenMismatches: number;
  /** Requests whose tokens had to be taken from the number of chunks, because there is neither a usage nor a tokenizer. */
  repliesWithoutUsage: number;
  /** Requests whose tokens are counted by the tokenizer, because there is no usage. */
  repliesCountedByTokenizer: number;
  /** Replies whose counts contradict what came, or themselves: they were not used. */
  usageConflicts: number;
  /** Replies with events of which it cannot be told whether they were tokens. */
  doubtfulReplies: number;
  /** Replies with events that could not be read. */
  malformedReplies: number;
  /** Replies that came as one text of JSON: they have no time to the first token. */
  unstreamedReplies: number;
  /** Streamed replies of several tokens that came all at once: they have no time per output token. */
  repliesAtOnce: number;
  /** Replies of which nothing tells how many tokens they have. */
  uncountedReplies: number;
  /** Replies that ended for a reason that no known engine gives. */
  unknownEndings: number;
  /** Replies of several choices, each of which is measured by itself. */
  repliesOfSeveralChoices: number;
  /** Connections opened while the clock ran. */
  reconnects: number;
}

export function newCounters(): StreamCounters {
  return {
    inFlight: 0,
    completed: 0,
    failed: 0,
    outputTokens: 0,
    outputLengthMismatches: 0,
    promptTokenMismatches: 0,
    repliesWithoutUsage: 0,
    repliesCountedByTokenizer: 0,
    usageConflicts: 0,
    doubtfulReplies: 0,
    malformedReplies: 0,
    unstreamedReplies: 0,
    repliesAtOnce: 0,
    uncountedReplies: 0,
    unknownEndings: 0,
    repliesOfSeveralChoices: 0,
    reconnects: 0,
  };
}

/** What a phase's requests are recorded in. */
export interface Recording {
  readonly log: RequestLog;
  readonly counters: StreamCounters;
  readonly keepTexts: KeepTexts;
}

const noGaps = new Float32Array();

/** Records a reply that is whole and good, and ended at `endMs`. */
export function recordReply(
  { log, counters, keepTexts }: Recording,
  index: number,
  request: ReadyRequest,
  reply: Reply,
  { ignoreEos, endMs }: { readonly ignoreEos: boolean; readonly endMs: number },
): void {
  const settled = reply.settle();
  const { promptTokens, isUnstreamed } = reply;
  const { outputTokens: asked, inputTokens = promptTokens } = request;
  recordTimes(log, index, reply, settled, endMs);
  log.chunks[index] = settled.timesMs.length;
  log.inputTokens[index] = inputTokens ?? request.estimatedInputTokens ?? Number.NaN;
  log.cachedTokens[index] = reply.cachedTokens ?? Number.NaN;
  counters.completed++;
  if (promptTokens !== undefined && promptTokens !== inputTokens) counters.promptTokenMismatches++;
  if (settled.usageConflicts) counters.usageConflicts++;
  if (settled.isDoubtful && !isUnstreamed) counters.doubtfulReplies++;
  if (reply.unreadable > 0) counters.malformedReplies++;
  if (isUnstreamed) counters.unstreamedReplies++;
  else if (settled.decodeSteps === 0 && (settled.tokens ?? 1) > settled.starts.length)
    counters.repliesAtOnce++;
  if (reply.choices > 1) counters.repliesOfSeveralChoices++;
  for (const note of reply.notes) {
    if (note.class === 'unknown-finish-reason') counters.unknownEndings++;
    log.trouble(index, note.class, note.message, false);
  }
  log.recordText(index, reply.text);
  const isForCount = isForTokenizer(keepTexts, index);
  recordCount(log, counters, { index, reply, settled, asked, ignoreEos, isForTokenizer: isForCount });
}

/** The times of a reply; none of its tokens if it came as one text. */
function recordTimes(log: RequestLog, index: number, reply: Reply, settled: Settled, endMs: number): void {
  const known = (atMs: number): number => (reply.isUnstreamed ? Number.NaN : atMs);
  log.firstTokenMs[index] = known(settled.firstMs);
  log.lastTokenMs[index] = Number.isNaN(settled.lastMs) ? endMs : settled.lastMs;
  log.firstTextMs[index] = known(reply.firstTextMs);
  log.firstAnswerMs[index] = known(reply.firstAnswerMs);
  log.decodeMs[index] = known(settled.decodeMs);
}

/** The tokens of a reply by the best count there is, now or, by the tokenizer, after the test. */
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
    counters.uncountedReplies++;
    log.recordGaps(index, chunkGapsMs, noGaps);
    return;
  }
  if (!isStated && !settled.usageConflicts) counters.repliesWithoutUsage++;
  counters.outputTokens += tokens;
  const expected = asked * reply.choices;
  if (ignoreEos && isStated && tokens !== expected) counters.outputLengthMismatches++;
  const { counts, sentTokens = tokens, starts } = settled;
  const tokenGapsMs = counts === undefined ? undefined : countedTokenGaps(chunkGapsMs, counts);
  recordTokens(log, index, {
    tokens,
    sentTokens,
    choices: starts.length,
    decodeSteps: reply.isUnstreamed ? 0 : settled.decodeSteps,
    asked: expected,
    ignoreEos,
    chunkGapsMs,
    ...(tokenGapsMs === undefined ? {} : { tokenGapsMs }),
  });
}

let gapsBuffer = new Float32Array(1024);

/** Gaps between the successive arrivals of each choice, milliseconds; valid until the next call. */
function gapsOf({ timesMs, starts }: Settled): Float32Array {
  if (timesMs.length > gapsBuffer.length) gapsBuffer = new Float32Array(2 * timesMs.length);
  let used = 0;
  for (const [choice, start] of starts.entries()) {
    const end = starts[choice + 1] ?? timesMs.length;
    for (let at = start + 1; at < end; at++) {
      gapsBuffer[used++] = (timesMs[at] ?? Number.NaN) - (timesMs[at - 1] ?? Number.NaN);
    }
  }
  return gapsBuffer.subarray(0, used);
}
