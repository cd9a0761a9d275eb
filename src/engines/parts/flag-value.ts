/** The value of a flag, as `--flag value` or `--flag=value`; the last one counts, as in the engines. */
export function flagValue(args: readonly string[], flag: string): string | undefined {
  const at = lastAt(args, flag);
  if (at === undefined) return undefined;
  const [, attached] = split(args[at] ?? '', flag);
  return attached ?? args[at + 1];
}

/** The arguments with another value for a flag, which is added if it is missing. */
export function withFlag(args: readonly string[], flag: string, value: string): readonly string[] {
  const at = lastAt(args, flag);
  if (at === undefined) return [...args, flag, value];
  const [, attached] = split(args[at] ?? '', flag);
  return attached === undefined ? args.with(at + 1, value) : args.with(at, `${flag}=${value}`);
}

/** A flag's value as a positive integer. */
export function flagCount(args: readonly string[], flag: string): number | undefined {
  const value = Number(flagValue(args, flag));
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

function lastAt(args: readonly string[], flag: string): number | undefined {
  const at = args.findLastIndex((word) => split(word, flag)[0]);
  if (at === -1) return undefined;
  const [, attached] = split(args[at] ?? '', flag);
  return attached === undefined && at + 1 === args.length ? undefined : at;
}

/** Whether a word is the flag, and the value attached to it. */
function split(word: string, flag: string): readonly [isFlag: boolean, attached?: string] {
  if (word === flag) return [true];
  return word.startsWith(`${flag}=`) ? [true, word.slice(flag.length + 1)] : [false];
}
