import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { abandon, endOf, signalGroup } from '../child-process.ts';
import { defined } from '../defined/defined.ts';
import { messageOf } from '../errors.ts';
import { type Host, HostFailure, type ProcessExit } from './host.ts';
import { keepBounded, openLog } from './log-file.ts';

/** What this machine must spawn to run a command on a host. */
export interface HostCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Working folder on this machine. */
  readonly cwd?: string;
  /** Written to standard input before anything else. */
  readonly input: string;
}

/** How a host runs `argv` with `env` added to its environment, in the host's folder `folder`. */
export type Wrap = (
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  folder: string | undefined,
) => HostCommand;

const defaultTimeoutMs = 30_000;
/** Time between SIGTERM and SIGKILL. */
const graceMs = 10_000;

/** Implements the part of Host that is the same for all ways of running commands. */
export function commandsBy(wrap: Wrap): Pick<Host, 'run' | 'runInto' | 'start'> {
  return {
    run: async (argv, { timeoutMs = defaultTimeoutMs, signal, env = {}, input = '', onLine } = {}) => {
      signal?.throwIfAborted();
      const [command = ''] = argv;
      const there = wrap(argv, env, undefined);
      const child = spawnCommand({ ...there, input: there.input + input }, 'pipe');
      let end = () => {};
      const stdout = collected(child.stdout, onLine);
      const stderr = collected(child.stderr, onLine);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        const giveUp = () => {
          signalGroup(child, 'SIGKILL');
          abandon(child);
          const message = `${command} had not ended after ${timeoutMs / 1000} s`;
          reject(new HostFailure('late', message, { command, output: stderr() }));
        };
        timer = setTimeout(giveUp, timeoutMs);
        end = () => {
          signalGroup(child, 'SIGTERM');
          clearTimeout(timer);
          timer = setTimeout(giveUp, Math.min(timeoutMs, graceMs));
        };
      });
      signal?.addEventListener('abort', end, { once: true });
      try {
        const code = await Promise.race([endOf(child), late]);
        signal?.throwIfAborted();
        return { code, stdout: stdout(), stderr: stderr() };
      } catch (error) {
        signal?.throwIfAborted();
        throw error instanceof HostFailure ? error : cannotRun(there, error);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
      }
    },
    runInto: async (argv, target, { signal } = {}) => {
      signal?.throwIfAborted();
      const [command = ''] = argv;
      const there = wrap(argv, {}, undefined);
      const output = await open(target, 'w');
      try {
        const child = spawnCommand(there, output.fd, 'pipe');
        const stderr = collected(child.stderr);
        const end = () => signalGroup(child, 'SIGTERM');
        signal?.addEventListener('abort', end, { once: true });
        const code = await endOf(child)
          .catch((error: unknown) => {
            throw cannotRun(there, error);
          })
          .finally(() => signal?.removeEventListener('abort', end));
        signal?.throwIfAborted();
        if (code !== 0) {
          const message = `${argv.join(' ')} failed: ${stderr().trim()}`;
          throw new HostFailure('failed', message, { command, output: stderr() });
        }
      } finally {
        await output.close();
      }
    },
    start: async (argv, { env, logPath, folder, onSpawn }) => {
      const there = wrap(argv, env, folder);
      const log = await openLog(logPath);
      try {
        const child = spawnCommand(there, log.fd);
        const { pid } = child;
        if (pid !== undefined) onSpawn?.(pid);
        // Attach immediately: a command may end before anything else happens here.
        const ended = new Promise<ProcessExit>((resolve) =>
          child.once('exit', (code, signal) => resolve({ code, signal })),
        );
        await new Promise((resolve, reject) => {
          child.once('spawn', resolve);
          child.once('error', reject);
        });
        if (pid === undefined) throw new Error('it has no process');
        // If the disk is full, the log is not bounded, but the engine can still be measured.
        void keepBounded(log, ended).catch(() => {});
        return { pid, ended, kill: (signal) => void child.kill(signal) };
      } catch (error) {
        await log.close();
        throw cannotRun(there, error);
      }
    },
  };
}

function cannotRun({ argv: [command = ''] }: HostCommand, cause: unknown): HostFailure {
  const absent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return absent
    ? new HostFailure('absent', `there is no command ${command}`, { command, cause })
    : new HostFailure('cannot-start', `cannot run ${command}: ${messageOf(cause)}`, { command, cause });
}

/** Uses a separate process group, so that Ctrl-C in the terminal reaches only this program. */
function spawnCommand(
  { argv, env, cwd, input }: HostCommand,
  output: 'pipe' | number,
  errors: 'pipe' | number = output,
): ChildProcess {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, {
    detached: true,
    ...defined({ cwd }),
    stdio: [input === '' ? 'ignore' : 'pipe', output, errors],
    env: { ...process.env, ...env },
  });
  // If the command ended without reading, its exit code says why.
  child.stdin?.on('error', () => {}).end(input);
  return child;
}

const keptCharacters = 1_000_000;

function collected(stream: NodeJS.ReadableStream | null, onLine?: (line: string) => void): () => string {
  let text = '';
  let line = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    text = (text + chunk).slice(-keptCharacters);
    if (onLine === undefined) return;
    const lines = (line + chunk).split(/[\r\n]+/);
    // Of output without line breaks, only the end is kept.
    line = (lines.pop() ?? '').slice(-keptCharacters);
    for (const whole of lines) onLine(whole);
  });
  return () => text;
}
