import { InputError, type Problem } from '../errors.ts';
import { closest } from './closest.ts';

/**
 * The config keys that match the patterns, without duplicates: in the order of the patterns, and for a wildcard in the order of
 * the configs. Throws InputError, with the closest keys, for every pattern without a match.
 */
export function matchConfigKeys(
  patterns: readonly string[],
  keys: readonly string[],
  matches: (key: string, pattern: string) => boolean = matchesPattern,
): string[] {
  const matched = new Set<string>();
  const problems: Problem[] = [];
  for (const pattern of patterns) {
    const named = keys.filter((key) => matches(key, pattern));
    if (named.length === 0) problems.push(unknownKey(pattern, keys));
    for (const key of named) matched.add(key);
  }
  if (problems.length > 0) throw new InputError(problems, undefined, { code: 'unknown-config-key' });
  return [...matched];
}

/** Whether a key matches a pattern with `*` wildcards. */
export function matchesPattern(key: string, pattern: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return key === pattern;
  if (!key.startsWith(head) || !key.endsWith(tail) || key.length < head.length + tail.length) return false;
  let from = head.length;
  for (const part of rest) {
    const found = key.indexOf(part, from);
    if (found < 0 || found + part.length > key.length - tail.length) return false;
    from = found + part.length;
  }
  return true;
}

function unknownKey(pattern: string, keys: readonly string[]): Problem {
  if (pattern.includes('*')) return { message: `no config key matches '${pattern}'`, hint: available(keys) };
  const near = closest(pattern, keys);
  return {
    message: `no config key '${pattern}'`,
    hint: near === undefined ? available(keys) : `did you mean '${near}'?`,
  };
}

function available(keys: readonly string[]): string {
  return keys.length === 0
    ? 'there is no config: name files with --config-files, or put them into .github/configs/ as NAME-master.yaml'
    : `the keys are ${keys.toSorted().join(', ')}`;
}
