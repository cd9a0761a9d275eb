import type { CountsReading } from './backend.ts';
import { fieldOf, isRecord } from './json-fields.ts';

/** No reply and no prompt of any engine has more tokens. */
const mostTokens = 2 ** 31;

/** Names of one count, each a path of keys: the first that is there holds it. */
type Names = readonly (readonly string[])[];

/** The names under which a protocol states its counts. */
export interface CountNames {
  readonly completion: Names;
  readonly prompt: Names;
  readonly cached?: Names;
  /** Tokens of the prompt that were written to the cache; set if `prompt` counts neither these nor the cached ones. */
  readonly cachedAnew?: Names;
  readonly total?: Names;
  /** Output tokens of the reasoning. */
  readonly reasoning?: Names;
  /** Tokens of a predicted output that is part of the reply, and of one that is not. */
  readonly accepted?: Names;
  readonly rejected?: Names;
}

/**
 * The counts of an object; undefined without one. What is not a whole number from 0 to 2³¹ is no count, and makes the
 * reading damaged if it is that of the output. A prompt of 0 tokens is none either: something was sent. Counts that
 * contradict each other are damaged, too.
 */
export function readCounts(value: unknown, names: CountNames): CountsReading | undefined {
  if (!isRecord(value)) return undefined;
  const completion = countAt(value, names.completion);
  const cached = numberAt(value, names.cached);
  const promptTokens = promptOf(value, names, cached);
  const isOverCached = isMore(cached, promptTokens);
  const reasoningTokens = numberAt(value, names.reasoning);
  const rejectedTokens = numberAt(value, names.rejected);
  const accepted = numberAt(value, names.accepted);
  const total = numberAt(value, names.total);
  const stated = numberOf(completion);
  // Some servers count a reasoning beside the rest of the output: only the total says so.
  const withReasoning = plus(stated, reasoningTokens);
  const isBeside =
    total !== undefined && reasoningTokens !== 0 && total === plus(promptTokens, withReasoning);
  const completionTokens = isBeside ? withReasoning : stated;
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

/** All tokens of a prompt, from the cache or not; undefined if there are none. */
function promptOf(
  value: unknown,
  { prompt, cachedAnew }: CountNames,
  cached: number | undefined,
): number | undefined {
  const counted = numberAt(value, prompt);
  const beside = cachedAnew === undefined ? 0 : (cached ?? 0) + (numberAt(value, cachedAnew) ?? 0);
  return counted === undefined || counted + beside === 0 ? undefined : counted + beside;
}

function numberAt(value: unknown, names: Names = []): number | undefined {
  return numberOf(countAt(value, names));
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

function countAt(value: unknown, names: Names): number | 'damaged' | undefined {
  const found = firstAt(value, names);
  if (found === undefined) return undefined;
  return typeof found === 'number' && Number.isInteger(found) && found >= 0 && found <= mostTokens
    ? found
    : 'damaged';
}

function firstAt(value: unknown, names: Names): unknown {
  for (const path of names) {
    let found: unknown = value;
    for (const key of path) found = fieldOf(found, key);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}
