import type { CountsReading } from './backend.ts';
import { fieldOf, isRecord } from './json-fields.ts';

/** No reply and no prompt of any engine has more tokens. */
const mostTokens = 2 ** 31;

/** The names under which a protocol states its counts, each a path of keys. */
export interface CountNames {
  readonly completion: readonly string[];
  readonly prompt: readonly string[];
  readonly cached?: readonly string[];
  /** Set if `prompt` does not count the tokens that came from the cache. */
  readonly cachedIsBesidePrompt?: true;
  readonly total?: readonly string[];
  /** Output tokens of the reasoning; the first name that is there. */
  readonly reasoning?: readonly (readonly string[])[];
  /** Tokens of a predicted output that is part of the reply, and of one that is not. */
  readonly accepted?: readonly string[];
  readonly rejected?: readonly string[];
}

/**
 * The counts of an object; undefined without one. What is not a whole number from 0 to 2³¹ is no count, and makes the
 * reading damaged if it is that of the output. A prompt of 0 tokens is none either: something was sent. Counts that
 * contradict each other are damaged, too.
 */
export function readCounts(value: unknown, names: CountNames): CountsReading | undefined {
  if (!isRecord(value)) return undefined;
  const completion = countAt(value, names.completion);
  const completionTokens = numberOf(completion);
  const prompt = numberAt(value, names.prompt);
  const promptTokens = prompt === 0 ? undefined : prompt;
  const cached = numberAt(value, names.cached);
  const isOverCached = names.cachedIsBesidePrompt !== true && isMore(cached, promptTokens);
  const reasoningTokens = firstOf(value, names.reasoning);
  const rejectedTokens = numberAt(value, names.rejected);
  const accepted = numberAt(value, names.accepted);
  const total = numberAt(value, names.total);
  const sum = plus(promptTokens, completionTokens);
  return {
    completionTokens,
    promptTokens,
    cachedTokens: isOverCached ? undefined : cached,
    reasoningTokens,
    rejectedTokens,
    isDamaged:
      completion === 'damaged' ||
      isOverCached ||
      isMore(reasoningTokens, completionTokens) ||
      isMore(plus(accepted ?? 0, rejectedTokens ?? 0), completionTokens) ||
      (total !== undefined && sum !== undefined && total !== sum),
  };
}

function numberAt(value: unknown, path: readonly string[] | undefined): number | undefined {
  return path === undefined ? undefined : numberOf(countAt(value, path));
}

function firstOf(value: unknown, paths: readonly (readonly string[])[] = []): number | undefined {
  for (const path of paths) {
    const count = numberAt(value, path);
    if (count !== undefined) return count;
  }
  return undefined;
}

function isMore(part: number | undefined, whole: number | undefined): boolean {
  return part !== undefined && whole !== undefined && part > whole;
}

function plus(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}

function numberOf(count: number | 'damaged' | undefined): number | undefined {
  return count === 'damaged' ? undefined : count;
}

function countAt(value: unknown, path: readonly string[]): number | 'damaged' | undefined {
  let found: unknown = value;
  for (const key of path) found = fieldOf(found, key);
  if (found === undefined || found === null) return undefined;
  return typeof found === 'number' && Number.isInteger(found) && found >= 0 && found <= mostTokens
    ? found
    : 'damaged';
}
