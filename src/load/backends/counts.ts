import type { CountsReading } from './backend.ts';
import { fieldOf, isRecord } from './json-fields.ts';

/** No reply and no prompt of any engine has more tokens. */
const mostTokens = 2 ** 31;

/** The names under which a protocol states its counts, each a path of keys. */
export interface CountNames {
  readonly completion: readonly string[];
  readonly prompt: readonly string[];
  readonly cached?: readonly string[];
}

/**
 * The counts of an object; undefined without one. What is not a whole number from 0 to 2³¹ is no count and makes the
 * reading damaged. A prompt of 0 tokens is none either: something was sent.
 */
export function readCounts(value: unknown, names: CountNames): CountsReading | undefined {
  if (!isRecord(value)) return undefined;
  const completion = countAt(value, names.completion);
  const prompt = countAt(value, names.prompt);
  const cached = names.cached === undefined ? undefined : countAt(value, names.cached);
  const counts: CountsReading = {
    completionTokens: numberOf(completion),
    promptTokens: prompt === 0 ? undefined : numberOf(prompt),
    cachedTokens: numberOf(cached),
    isDamaged: completion === 'damaged',
  };
  return counts;
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
