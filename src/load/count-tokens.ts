import { type RequestLog, RequestState } from './request-log.ts';
import type { TokenizerCheck } from './result-schema.ts';
import { tokenGaps } from './token-gaps.ts';

/**
 * Counts the tokens of replies that the server did not count, in their stored text, and records their token gaps. Runs
 * after the clock has stopped. Returns the tokenizer's counts next to the server's for the replies that have both.
 */
export function countKeptTexts(
  log: RequestLog,
  { countTokens, ignoreEos }: { countTokens: (text: string) => number; ignoreEos: boolean },
): TokenizerCheck | undefined {
  let [replies, usage, counted] = [0, 0, 0];
  for (const { index, text, usageTokens, chunkGapsMs, choices, asked } of log.keptTexts) {
    const tokens = countTokens(text);
    if (usageTokens === undefined) {
      const decodeSteps = chunkGapsMs.length === 0 ? 0 : Math.max(0, tokens - choices);
      recordTokens(log, index, {
        tokens,
        sentTokens: tokens,
        choices,
        decodeSteps,
        chunkGapsMs,
        asked,
        ignoreEos,
        endedByLength: false,
      });
    } else if (log.state[index] === RequestState.completed) {
      replies++;
      usage += usageTokens;
      counted += tokens;
    }
  }
  return replies === 0 ? undefined : { replies, usage_tokens: usage, tokenizer_tokens: counted };
}

/** A completed reply whose tokens have been counted. */
export interface CountedReply {
  readonly tokens: number;
  /** Tokens of the choices that were sent; fewer than `tokens` with `best_of`. */
  readonly sentTokens: number;
  readonly choices: number;
  readonly decodeSteps: number;
  readonly chunkGapsMs: Float32Array;
  /** Gaps between tokens, if the server reported them exactly. */
  readonly tokenGapsMs?: Float32Array | undefined;
  /** Tokens requested. */
  readonly asked: number;
  readonly ignoreEos: boolean;
  /** The server reports that it stopped at the requested length. */
  readonly endedByLength: boolean;
}

/** Whether a reply is longer than requested, or shorter although only its length should have ended it. */
export function isOfOtherLength(
  reply: Pick<CountedReply, 'tokens' | 'asked' | 'ignoreEos' | 'endedByLength'>,
): boolean {
  const { tokens, asked, ignoreEos, endedByLength } = reply;
  return tokens > asked || (tokens < asked && (ignoreEos || endedByLength));
}

/** Records a reply's tokens and gaps. A reply of the wrong length is recorded as trouble, not as failed. */
export function recordTokens(log: RequestLog, index: number, reply: CountedReply): void {
  const { tokens, sentTokens, choices, decodeSteps, chunkGapsMs, asked } = reply;
  log.outputTokens[index] = tokens;
  log.decodeSteps[index] = decodeSteps;
  log.recordGaps(index, chunkGapsMs, reply.tokenGapsMs ?? evenTokenGaps(chunkGapsMs, sentTokens, choices));
  if (isOfOtherLength(reply)) {
    const troubleClass = tokens < asked ? 'short-reply' : 'long-reply';
    log.trouble(index, troubleClass, `${tokens} tokens of ${asked} asked`, false);
  }
}

/** Assumes that the first chunk of each choice carried an average share of the reply's tokens. */
function evenTokenGaps(chunkGapsMs: Float32Array, tokens: number, choices: number): Float32Array {
  const inFirst = Math.max(choices, Math.round((choices * tokens) / (chunkGapsMs.length + choices)));
  return tokenGaps(chunkGapsMs, Math.max(0, tokens - inFirst));
}
