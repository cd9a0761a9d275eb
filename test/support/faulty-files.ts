import { appendFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import sqlite from 'node:sqlite';
import { defined } from '../../src/defined/defined.ts';

/** What happens at a file change: a system error, or the process is killed before it. */
export type FileFault = 'ENOSPC' | 'EIO' | 'EROFS' | 'SIGKILL';

/** Counts the file changes of this process and makes one of them fail. */
export interface FaultPlan {
  /** The number of the change that fails, from 1; absent to only count the changes. */
  readonly at?: number | undefined;
  readonly fault?: FileFault | undefined;
  readonly onChange?: ((name: string) => void) | undefined;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, Method>;

const changesOfPaths = [
  'writeFile',
  'appendFile',
  'rename',
  'unlink',
  'rm',
  'rmdir',
  'mkdir',
  'link',
  'copyFile',
];
const changesOfHandles = ['write', 'writeFile', 'appendFile', 'truncate', 'sync', 'datasync'];
/** These work even on a full disk, because they free space. */
const worksWithoutRoom = new Set(['unlink', 'rm', 'rmdir', 'truncate']);

/**
 * Installs a plan in this process and returns a function that removes it. A failing write leaves half of its data.
 * Writes inside SQLite are not counted, but the ends of its transactions are.
 */
export async function installFaults({
  at,
  fault = 'SIGKILL',
  onChange = () => {},
}: FaultPlan): Promise<() => void> {
  const undo: (() => void)[] = [];
  let count = 0;
  const isDue = (name: string): boolean => {
    if (fault === 'ENOSPC' && worksWithoutRoom.has(name.split(' ', 1)[0] ?? '')) return false;
    count += 1;
    onChange(name);
    return count === at;
  };
  const fail = (syscall: string, path: string): never => {
    if (fault === 'SIGKILL') process.kill(process.pid, 'SIGKILL');
    const error = new Error(`${fault}: made to fail, ${syscall} '${path}'`);
    throw Object.assign(error, { code: fault, syscall, path });
  };
  const replace = (methods: Methods, name: string, by: (original: Method) => Method) => {
    const original = methods[name];
    if (original === undefined) return;
    methods[name] = by(original);
    undo.push(() => {
      methods[name] = original;
    });
  };

  const files = promises as unknown as Methods;
  for (const name of changesOfPaths) {
    replace(
      files,
      name,
      (original) =>
        async function (this: unknown, ...args) {
          const [path, content] = args;
          if (isDue(`${name} ${shown(path)}`)) {
            if (/File$/.test(name) && typeof content === 'string')
              await original.call(this, path, content.slice(0, content.length / 2));
            fail(name, String(path));
          }
          return await original.apply(this, args);
        },
    );
  }
  replace(
    files,
    'open',
    (original) =>
      async function (this: unknown, ...args) {
        const [path, flags = 'r'] = args;
        if (flags !== 'r' && isDue(`open ${shown(path)}`)) fail('open', String(path));
        return await original.apply(this, args);
      },
  );
  const someHandle = await promises.open(process.execPath, 'r');
  const handles = Object.getPrototypeOf(someHandle) as Methods;
  await someHandle.close();
  for (const name of changesOfHandles) {
    replace(
      handles,
      name,
      (original) =>
        async function (this: unknown, ...args) {
          const [content] = args;
          if (isDue(`handle.${name}`)) {
            if (/File$/.test(name) && typeof content === 'string')
              await original.call(this, content.slice(0, content.length / 2));
            fail(name, '');
          }
          return await original.apply(this, args);
        },
    );
  }
  if (fault === 'SIGKILL') {
    replace(
      sqlite.StatementSync.prototype as unknown as Methods,
      'run',
      (original) =>
        function (this: unknown, ...args) {
          const { sourceSQL } = this as { readonly sourceSQL: string };
          const isEnd = /^(begin|commit)\b/.test(sourceSQL);
          if (isEnd && isDue(`sql ${sourceSQL}`)) fail('sql', sourceSQL);
          return original.apply(this, args);
        },
    );
  }
  syncBuiltinESMExports();
  return () => {
    for (const one of undo) one();
    syncBuiltinESMExports();
  };
}

/** The name of a file without parts that differ every time. */
function shown(path: unknown): string {
  return basename(String(path)).replaceAll(/[\da-f]{8}(-[\da-f]+)+|\b\d+-[\da-f]{12}[-\da-f]*/g, '*');
}

/**
 * For a process started with `--import` of this file: the change at which it dies, and the file in which it lists all
 * changes.
 */
export function faultVariables(at: number | undefined, list: string): Record<string, string> {
  return {
    NODE_OPTIONS: `--import=${new URL('busy-machine.ts', import.meta.url).href} --import=${import.meta.url}`,
    ...defined({ FAULT_AT: at === undefined ? undefined : String(at) }),
    FAULT_LIST: list,
  };
}

const { FAULT_AT: diesAt, FAULT_LIST: list } = process.env;
if (list !== undefined && basename(process.argv[1] ?? '') === 'inferencemax.js') {
  // Engines and other children are not affected.
  delete process.env.FAULT_AT;
  delete process.env.FAULT_LIST;
  await installFaults({
    at: diesAt === undefined ? undefined : Number(diesAt),
    onChange: (name) => appendFileSync(list, `${name}\n`),
  });
}
