import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../errors.ts';
import { EngineFailure } from '../launchers/engine-failure.ts';
import type { LaunchFile } from '../launchers/launcher.ts';
import type { ProcessExit } from '../launchers/process-exit.ts';
import { writeLaunchFiles } from './working-folder.ts';

/** A command as this machine must spawn it to have it run on a host. */
export interface HostCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Written to its standard input before anything else. */
  readonly input: string;
}

/** A machine on which a launcher's commands run: this one, or one that ssh reaches. */
export interface Host {
  /** The ssh destination; undefined for this machine. */
  readonly destination: string | undefined;
  /** How `argv` is run there with `env` added to its environment; `env` is in no argv on either side. */
  command(argv: readonly string[], env: Readonly<Record<string, string>>): HostCommand;
  /** Where the folder that is `folder` here is there. */
  place(folder: string): string;
  /** Makes a session's folder there, with files in it. */
  writeFiles(folder: string, files: readonly LaunchFile[]): Promise<void>;
  /** The address at which the load generator reaches `port` of a node that the host names. */
  reach(address: string, port: number, context: { readonly signal: AbortSignal }): Promise<Reached>;
}

/** A way to a port, kept until it is closed. */
export interface Reached {
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** This machine. */
export const thisMachine: Host = {
  destination: undefined,
  command: (argv, env) => ({ argv, env, input: '' }),
  place: (folder) => folder,
  writeFiles: writeLaunchFiles,
  reach: async (address, port) => ({ baseUrl: `http://${address}:${port}`, close: async () => {} }),
};

/** What a command printed and how it ended. */
export interface CommandOutput {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOnOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  /** What the command reads from its standard input. */
  readonly input?: string;
  /** Told each line as it is printed. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a command on a host to its end, whatever its exit code. Throws EngineFailure when it cannot be started or takes
 * longer than it may, and the signal's reason, after it was told to end, when aborted.
 */
export async function runOn(
  host: Host,
  argv: readonly string[],
  options: RunOnOptions,
): Promise<CommandOutput> {
  options.signal?.throwIfAborted();
  const child = spawnOn(host, argv, options.env ?? {}, 'pipe', options.input ?? '');
  const stdout = collected(child.stdout, options.onLine);
  const stderr = collected(child.stderr, options.onLine);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, options.timeoutMs);
  const end = () => child.kill('SIGTERM');
  options.signal?.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    options.signal?.throwIfAborted();
    if (late) {
      const seconds = options.timeoutMs / 1000;
      throw new EngineFailure('cannot-start', `${argv[0]} had not ended after ${seconds} s`, stderr());
    }
    return { code, stdout: stdout(), stderr: stderr() };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof EngineFailure) throw error;
    throw cannotRun(argv, error);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', end);
  }
}

/** Runs a command that must succeed; throws EngineFailure with its last words otherwise. */
export async function mustRunOn(host: Host, argv: readonly string[], options: RunOnOptions): Promise<string> {
  const { code, stdout, stderr } = await runOn(host, argv, options);
  if (code === 0) return stdout;
  const said = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-3).join('; ');
  throw new EngineFailure('cannot-start', `${argv.slice(0, 2).join(' ')} failed: ${said}`, stderr);
}

/** A command that was started, and its end, which may be there before anything else is asked. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<ProcessExit>;
}

/** Starts a command on a host with its output appended to a log. Throws when it cannot be started. */
export async function startOn(
  host: Host,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  logPath: string,
): Promise<Started> {
  await mkdir(dirname(logPath), { recursive: true });
  const log = await open(logPath, 'a');
  try {
    const child = spawnOn(host, argv, env, log.fd, '');
    const ended = new Promise<ProcessExit>((resolve) =>
      child.once('exit', (code, signal) => resolve({ code, signal })),
    );
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return { child, ended };
  } catch (error) {
    throw cannotRun(argv, error);
  } finally {
    await log.close();
  }
}

function cannotRun([command]: readonly string[], error: unknown): EngineFailure {
  const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return new EngineFailure(
    'cannot-start',
    absent ? `there is no command ${command}` : `cannot run ${command}: ${messageOf(error)}`,
  );
}

/** In a process group of its own, so that a Ctrl-C at the terminal reaches only the product. */
function spawnOn(
  host: Host,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  output: 'pipe' | number,
  input: string,
): ChildProcess {
  const there = host.command(argv, env);
  const [command = '', ...args] = there.argv;
  const child = spawn(command, args, {
    detached: true,
    stdio: ['pipe', output, output],
    env: { ...process.env, ...there.env },
  });
  // One that ended without reading has said so by its exit code.
  child.stdin?.on('error', () => {}).end(there.input + input);
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
    line = lines.pop() ?? '';
    for (const whole of lines) onLine(whole);
  });
  return () => text;
}
