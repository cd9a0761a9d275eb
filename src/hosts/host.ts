import { WorkError } from '../errors.ts';

/** A text file to be written before a command reads it. */
export interface TextFile {
  /** Relative to the folder it is written into. */
  readonly path: string;
  readonly content: string;
}

/** What a command printed (the end of it, where it printed much) and how it ended. */
export interface CommandOutput {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** How long the command may take (default: 30 s). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  /** What the command reads from its standard input. */
  readonly input?: string;
  /** Called with each line as it is printed. */
  readonly onLine?: (line: string) => void;
}

/** How a process ended: with a code or by a signal. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface StartOptions {
  /** Added to the environment that the host gives; on no command line, on neither side. */
  readonly env: Readonly<Record<string, string>>;
  /** Standard output and standard error are appended to this file of this machine. */
  readonly logPath: string;
  /** The working folder, by its path on the host. */
  readonly folder?: string;
  /** Called with the number of the process on this machine as soon as it has one. */
  readonly onSpawn?: (pid: number) => void;
}

/** A command that was started. */
export interface Started {
  /** The process on this machine: the command itself, or the client that stands for it. */
  readonly pid: number;
  /** Resolves when that process has ended. */
  readonly ended: Promise<ProcessExit>;
  /** Signals that process alone. */
  kill(signal: NodeJS.Signals): void;
}

/** A way to a port, kept until it is closed. */
export interface Reached {
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** A machine on which commands are run: this one, one that ssh reaches, or a node beyond either. */
export interface Host {
  /** Whether it is this machine; everywhere else a command costs a login or a job step. */
  readonly isThisMachine: boolean;
  /** What the host is reached by, such as ssh's `user@host`; undefined where no connection is in between. */
  readonly destination: string | undefined;
  /**
   * Runs a command to its end, whatever its exit code. Throws HostFailure if it cannot be started or takes longer than
   * it may, and the signal's reason, after the command was told to end, if aborted.
   */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandOutput>;
  /** Starts a command. Throws HostFailure if it cannot be started. */
  start(argv: readonly string[], options: StartOptions): Promise<Started>;
  /** Throws if the file cannot be read. */
  readFile(path: string): Promise<string>;
  /** The names in a folder. Throws if it cannot be listed. */
  list(folder: string): Promise<readonly string[]>;
  /** The path on the host of the folder that keeps there what `folder` keeps here. */
  folderFor(folder: string): string;
  /** Makes that folder, with files in it. Throws InputError for a file that lies outside it. */
  writeFiles(folder: string, files: readonly TextFile[]): Promise<void>;
  /** The address at which this machine reaches `port` of a node that the host calls `address`. */
  reach(address: string, port: number, context: { readonly signal: AbortSignal }): Promise<Reached>;
}

/**
 * Why a host could not do what it was asked: the command is not installed (`absent`) or cannot be started
 * (`cannot-start`), took too long (`late`), failed (`failed`), answered something unreadable (`unreadable`), or the
 * host cannot be reached (`unreachable`).
 */
export type HostFailureKind = 'absent' | 'cannot-start' | 'late' | 'failed' | 'unreadable' | 'unreachable';

/** A host that could not do what it was asked. */
export class HostFailure extends WorkError {
  override readonly name = 'HostFailure';
  readonly kind: HostFailureKind;
  readonly command: string;
  /** What the command printed last. */
  readonly output: string;

  constructor(
    kind: HostFailureKind,
    message: string,
    {
      command,
      output = '',
      cause,
    }: { readonly command: string; readonly output?: string; readonly cause?: unknown },
  ) {
    super(message, { cause });
    this.kind = kind;
    this.command = command;
    this.output = output;
  }
}

/** Where commands can be run to their end. */
export type Runner = Pick<Host, 'run'>;

/** Runs a command that must succeed; throws HostFailure with its last words otherwise. */
export async function mustRun(host: Runner, argv: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await host.run(argv, options);
  if (code === 0) return stdout;
  const said = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-3).join('; ');
  const [command = ''] = argv;
  throw new HostFailure('failed', `${argv.slice(0, 2).join(' ')} failed: ${said}`, {
    command,
    output: stderr,
  });
}

/**
 * Asks a tool and reads its answer. Throws HostFailure, in the tool's own words, if it fails or if `read` throws on
 * what it printed.
 */
export async function ask<T>(
  host: Runner,
  argv: readonly string[],
  read: (output: string) => T,
  options?: RunOptions,
): Promise<T> {
  const { code, stdout, stderr } = await host.run(argv, options);
  const [command = ''] = argv;
  if (code !== 0) {
    const said = `${stderr}\n${stdout}`.trim();
    const [first = ''] = said.split('\n');
    const message = `${command} does not answer: ${first || `exit code ${code}`}`;
    throw new HostFailure('failed', message, { command, output: said });
  }
  try {
    return read(stdout);
  } catch (cause) {
    const message = `${command} answered: ${stdout.trim().slice(0, 200)}`;
    throw new HostFailure('unreadable', message, { command, output: stdout, cause });
  }
}
