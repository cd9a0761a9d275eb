import type { CountsReading } from './backend.ts';
import { fieldOf, isRecord } from './json-fields.ts';

/** No engine supports replies or prompts with more tokens. */
const mostTokens = 2 ** 31;

/** Possible names of one count, each a path of keys; the first one present is used. */
type Names = readonly (readonly string[])[];

/** The names under which a protocol reports its counts. */
export interface CountNames {
  readonly completion: Names;
  readonly prompt: Names;
  readonly cached?: Names;
  /** Prompt tokens that were written to the cache; set if `prompt` excludes both these and the cached ones. */
  readonly cachedAnew?: Names;
  readonly total?: Names;
  /** Output tokens of the reasoning. */
  readonly reasoning?: Names;
  /** Tokens of a predicted output that became part of the reply, and those that did not. */
  readonly accepted?: Names;
  readonly rejected?: Names;
}

/**
 * Reads the counts of an object; undefined if it is not an object. A count must be a whole number from 0 to 2³¹; an
 * invalid output count marks the reading as damaged, and so do counts that contradict each other. A prompt count of 0
 * is invalid, because something was sent.
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
  // Some servers exclude reasoning from the output count; only the total reveals this.
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

/** All tokens of a prompt, cached or not; undefined if there are none. */
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
