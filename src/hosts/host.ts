import { WorkError } from '../errors.ts';

/** A text file that must exist before a command starts. */
export interface TextFile {
  /** Relative to the target folder. */
  readonly path: string;
  readonly content: string;
}

/** The output of a command (only the end if it is long) and how it ended. */
export interface CommandOutput {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Timeout (default: 30 s). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to the command's standard input. */
  readonly input?: string;
  /** Called for each line as it is printed. */
  readonly onLine?: (line: string) => void;
}

/** How a process ended: with an exit code or by a signal. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface StartOptions {
  /** Added to the host's environment; appears on no command line on either side. */
  readonly env: Readonly<Record<string, string>>;
  /** Standard output and standard error are appended to this file on this machine. */
  readonly logPath: string;
  /** The working folder, as a path on the host. */
  readonly folder?: string;
  /** Called with the pid on this machine as soon as it is known. */
  readonly onSpawn?: (pid: number) => void;
}

/** A started command. */
export interface Started {
  /** The process on this machine: the command itself, or the client that represents it. */
  readonly pid: number;
  /** Resolves when that process has ended. */
  readonly ended: Promise<ProcessExit>;
  /** Signals only that process. */
  kill(signal: NodeJS.Signals): void;
}

/** An open connection to a port, to be closed after use. */
export interface Reached {
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** A machine that runs commands: this one, one reached over ssh, or a node behind either. */
export interface Host {
  /** Whether it is this machine. On other hosts, each command costs a login or a job step. */
  readonly isThisMachine: boolean;
  /** How the host is reached, such as ssh's `user@host`; undefined if there is no connection in between. */
  readonly destination: string | undefined;
  /**
   * Runs a command to its end, whatever its exit code. Throws HostFailure if it cannot be started or times out. If
   * aborted, terminates the command and throws the signal's reason.
   */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandOutput>;
  /**
   * Runs a command to its end and writes its standard output, of any size and content, to `target` on this machine.
   * Throws HostFailure if it fails, and the signal's reason if aborted.
   */
  runInto(
    argv: readonly string[],
    target: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>;
  /** Starts a command. Throws HostFailure if it cannot be started. */
  start(argv: readonly string[], options: StartOptions): Promise<Started>;
  /** Reads a text file. Throws if it cannot be read. */
  readFile(path: string): Promise<string>;
  /** The names in a folder. Throws if it cannot be listed. */
  list(folder: string): Promise<readonly string[]>;
  /** The path on the host that corresponds to the local folder `folder`. */
  folderFor(folder: string): string;
  /** Creates that folder, with files in it. Throws InputError if a file would be outside it. */
  writeFiles(folder: string, files: readonly TextFile[]): Promise<void>;
  /** The URL for reaching `port` of a node from this machine; `address` is the node's address on the host. */
  reach(address: string, port: number, context: { readonly signal: AbortSignal }): Promise<Reached>;
}

/**
 * Why a host operation failed: the command is not installed (`absent`) or cannot be started (`cannot-start`), timed out
 * (`late`), failed (`failed`) or printed something unreadable (`unreadable`), or the host cannot be reached
 * (`unreachable`).
 */
export type HostFailureKind = 'absent' | 'cannot-start' | 'late' | 'failed' | 'unreadable' | 'unreachable';

/** A failed host operation. */
export class HostFailure extends WorkError {
  override readonly name = 'HostFailure';
  readonly kind: HostFailureKind;
  readonly command: string;
  /** The end of the command's output. */
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
    super(message, { cause, code: 'host-failed' });
    this.kind = kind;
    this.command = command;
    this.output = output;
  }
}

/** Runs commands to their end. */
export type Runner = Pick<Host, 'run'>;

/** Runs a command that must succeed; otherwise throws HostFailure with its last output. */
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
 * Runs a tool and parses its output. Throws HostFailure with the tool's own message if it fails or if `read` throws.
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
