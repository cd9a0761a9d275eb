import { type RequestLog, RequestState } from './request-log.ts';
import type { TokenizerCheck } from './result-schema.ts';
import { tokenGaps } from './token-gaps.ts';

/**
 * Once the clock has stopped: counts the tokens of the replies for which the server did not, by the text that was kept
 * of them, and records their token gaps. Returns how the tokenizer's counts compare with the server's where both are.
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

/** What is known of a completed reply once its tokens are. */
export interface CountedReply {
  readonly tokens: number;
  /** Those of the choices that were sent; fewer with `best_of`. */
  readonly sentTokens: number;
  readonly choices: number;
  readonly decodeSteps: number;
  readonly chunkGapsMs: Float32Array;
  /** Gaps between its tokens, where the server told them apart. */
  readonly tokenGapsMs?: Float32Array | undefined;
  /** Tokens asked for. */
  readonly asked: number;
  readonly ignoreEos: boolean;
  /** The server says that it stopped at the length asked. */
  readonly endedByLength: boolean;
}

/** Whether a reply is longer than asked, or shorter although nothing but its length was to end it. */
export function isOfOtherLength(
  reply: Pick<CountedReply, 'tokens' | 'asked' | 'ignoreEos' | 'endedByLength'>,
): boolean {
  const { tokens, asked, ignoreEos, endedByLength } = reply;
  return tokens > asked || (tokens < asked && (ignoreEos || endedByLength));
}

/** Records a reply's tokens and gaps; one that is not as long as it was to be is in trouble, not failed. */
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

/** What the first chunk of each choice brought is taken as its share of the whole reply. */
function evenTokenGaps(chunkGapsMs: Float32Array, tokens: number, choices: number): Float32Array {
  const inFirst = Math.max(choices, Math.round((choices * tokens) / (chunkGapsMs.length + choices)));
  return tokenGaps(chunkGapsMs, Math.max(0, tokens - inFirst));
}
