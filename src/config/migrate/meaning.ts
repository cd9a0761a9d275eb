import { InputError } from '../../errors.ts';
import type { YamlFile } from '../yaml-positions.ts';

/** Throws InputError for values that the new format reads differently: its files are YAML 1.1, in which `no` is not a string. */
export function refuseOtherMeaning(
  old: YamlFile,
  meant: unknown,
  read: unknown,
  oldPath: (path: readonly PropertyKey[]) => readonly PropertyKey[],
): void {
  const problems = differences(meant, read, []).map(({ path, was, is }) => ({
    ...old.locate(oldPath(path)),
    message: `${JSON.stringify(was)} would be ${JSON.stringify(is)} in the new format, which is YAML 1.1`,
    hint: typeof was === 'string' ? 'write it in quotes' : 'write it in another way',
  }));
  if (problems.length > 0) throw new InputError(problems, undefined, { code: 'bad-config' });
}

interface Difference {
  readonly path: readonly (string | number)[];
  readonly was: unknown;
  readonly is: unknown;
}

function differences(was: unknown, is: unknown, path: readonly (string | number)[]): Difference[] {
  if (isParted(was) && isParted(is) && Array.isArray(was) === Array.isArray(is)) {
    const [a, b] = [Object.entries(was), new Map(Object.entries(is))];
    if (a.length !== b.size) return [{ path, was, is }];
    return a.flatMap(([name, value]) =>
      differences(value, b.get(name), [...path, Array.isArray(was) ? Number(name) : name]),
    );
  }
  return Object.is(was, is) ? [] : [{ path, was, is }];
}

function isParted(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}
