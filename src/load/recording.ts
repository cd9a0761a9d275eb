import { recordTokens } from './count-tokens.ts';
import type { ReadyRequest } from './ready-queue.ts';
import type { Reply } from './reply.ts';
import type { RequestLog } from './request-log.ts';
import { countedTokenGaps } from './token-gaps.ts';

/** Which replies' texts are kept, to count their tokens after the test. */
export type KeepTexts =
  | 'none'
  /** A few, to compare the server's counts with. */
  | 'sample'
  /** Those that carry no usage, which are all that can be expected to. */
  | 'all';

/** Running counts over the streams of a thread. */
export interface StreamCounters {
  inFlight: number;
  completed: number;
  failed: number;
  outputTokens: number;
  outputLengthMismatches: number;
  /** Requests whose reply the server counted with another number of prompt tokens than was sent. */
  promptTokenMismatches: number;
  /** Requests whose tokens had to be taken from the number of chunks, for want of a usage and a tokenizer. */
  repliesWithoutUsage: number;
  /** Requests whose tokens are counted by the tokenizer, for want of a usage. */
  repliesCountedByTokenizer: number;
  /** Requests whose usage is less than what came. */
  usageConflicts: number;
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

/** Records a reply that is whole and good. */
export function recordReply(
  { log, counters }: Recording,
  index: number,
  request: ReadyRequest,
  reply: Reply,
  { ignoreEos }: { readonly ignoreEos: boolean },
): void {
  const { chunks, completionTokens, promptTokens } = reply;
  const { outputTokens: asked, inputTokens = promptTokens } = request;
  const tokens = completionTokens ?? chunks;
  log.firstTokenMs[index] = reply.firstChunkMs;
  log.lastTokenMs[index] = reply.lastChunkMs;
  log.firstTextMs[index] = reply.firstChunkMs;
  log.decodeMs[index] = reply.lastChunkMs - reply.firstChunkMs;
  log.chunks[index] = chunks;
  log.inputTokens[index] = inputTokens ?? request.estimatedInputTokens ?? Number.NaN;
  counters.completed++;
  counters.outputTokens += tokens;
  if (promptTokens !== undefined && promptTokens !== inputTokens) counters.promptTokenMismatches++;
  if (reply.contradictsItself) counters.usageConflicts++;
  if (ignoreEos && completionTokens !== undefined && tokens !== asked) counters.outputLengthMismatches++;
  if (completionTokens === undefined) {
    if (keepText(log, index, reply, asked)) {
      counters.repliesCountedByTokenizer++;
      return;
    }
    counters.repliesWithoutUsage++;
  } else keepText(log, index, reply, asked);
  recordTokens(log, index, { tokens, asked, ignoreEos, ...gapsOf(reply) });
}

/** Keeps the text of a reply, where it was kept as it came, for the tokenizer; returns whether it is. */
function keepText(log: RequestLog, index: number, reply: Reply, asked: number): boolean {
  const { text, completionTokens: usageTokens } = reply;
  if (text === '') return false;
  const chunkGapsMs = usageTokens === undefined ? reply.chunkGapsMs.slice() : noGaps;
  return log.keepText({ index, text, usageTokens, chunkGapsMs, asked });
}

function gapsOf({ chunkGapsMs, chunkTokens, countsFell }: Reply): {
  chunkGapsMs: Float32Array;
  tokenGapsMs?: Float32Array;
} {
  const isCounted = chunkTokens !== undefined && !countsFell && chunkTokens.at(-1) !== chunkTokens.length;
  return {
    chunkGapsMs,
    ...(isCounted ? { tokenGapsMs: countedTokenGaps(chunkGapsMs, chunkTokens) } : {}),
  };
}
