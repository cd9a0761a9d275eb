import { parse } from 'yaml';
import type { ServerSpec } from './recipe.ts';

/** Every setting of a server by its name: flags, variables, and the values in its YAML files by their path in them. */
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

/** Flags with their values, `true` for a bare one; the words of a recipe are apart, so a value starts with no dash. */
function flagsOf(args: readonly string[]): [string, string][] {
  return args.flatMap((word, index): [string, string][] => {
    if (!word.startsWith('-')) return [];
    const next = args[index + 1];
    return [[word, next === undefined || next.startsWith('-') ? 'true' : next]];
  });
}

/** The values of a YAML document by their path, `a.b`; a list is one value. */
export function leavesOf(value: unknown, path: readonly string[] = []): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[path.join('.'), typeof value === 'string' ? value : JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
