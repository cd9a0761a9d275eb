import { parse } from 'yaml';
import type { ServerSpec } from './recipe.ts';

/**
 * Every setting of a server by name: flags, environment variables, and the values of its YAML files by their
 * path.
 */
export function settingsOf({
  args,
  env,
  files,
}: Pick<ServerSpec, 'args' | 'env' | 'files'>): Map<string, string> {
  return new Map([
    ...flagsOf(args),
    ...Object.entries(env),
    ...files.flatMap(({ path, content }) => (/\.ya?ml$/.test(path) ? leavesOf(parse(content)) : [])),
  ]);
}

/**
 * Flags with their values; `true` for a flag without one. Each word of a recipe is one argument, so a value
 * does not start with a dash.
 */
function flagsOf(args: readonly string[]): [string, string][] {
  return args.flatMap((word, index): [string, string][] => {
    if (!word.startsWith('-')) return [];
    const next = args[index + 1];
    return [[word, next === undefined || next.startsWith('-') ? 'true' : next]];
  });
}

/** The values of a YAML document by their path, such as `a.b`; a list is one value. */
export function leavesOf(value: unknown, path: readonly string[] = []): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[path.join('.'), typeof value === 'string' ? value : JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
