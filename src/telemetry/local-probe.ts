import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { messageOf } from '../errors.ts';
import type { Probe } from './source.ts';

const outputBytesAtMost = 4 * 1024 ** 2;

/** Reads from this machine. */
export const localProbe: Probe = {
  run: async ([command, ...args], signal) => {
    try {
      const ended = await promisify(execFile)(command, args, {
        signal,
        killSignal: 'SIGKILL',
        maxBuffer: outputBytesAtMost,
      });
      return ended.stdout;
    } catch (error) {
      throw new Error(explained(command, error, signal), { cause: error });
    }
  },
  readFile: async (path) => await readFile(path, 'utf8'),
  list: async (folder) =>
    await readdir(folder).catch(() => {
      throw new Error(`there is no ${folder}`);
    }),
  fetchText: async (url, signal) => {
    const response = await fetch(url, { signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`${url} answers ${response.status}`);
    }
    return await response.text();
  },
};

/** Reads on the node where a launcher's command runs programs; addresses are fetched from here. */
export function probeBeside(beside: (argv: readonly string[]) => readonly string[]): Probe {
  const run: Probe['run'] = async (argv, signal) => {
    const [command = '', ...args] = beside(argv);
    return await localProbe.run([command, ...args], signal);
  };
  const soon = () => AbortSignal.timeout(5_000);
  return {
    run,
    readFile: async (path) => await run(['cat', path], soon()),
    list: async (folder) =>
      (await run(['ls', '-1', folder], soon())).split('\n').filter((name) => name !== ''),
    fetchText: localProbe.fetchText,
  };
}

function explained(command: string, error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `${command} gave no answer in time`;
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
    return `there is no ${command} here`;
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return `${command} failed: ${output === '' ? messageOf(error) : output.split('\n').slice(-3).join(' ')}`;
}
