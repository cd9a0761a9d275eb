import { spawn } from 'node:child_process';
import { abandon, endOf, signalGroup } from '../child-process.ts';
import { messageOf, WorkError } from '../errors.ts';

/** How much of the end of a command's output is kept for its error message. */
const keptBytes = 16_384;
/** How long a program may take to exit after SIGTERM. */
const graceMs = 10_000;

/**
 * Runs a program to its end and returns the end of its output. Throws WorkError with its last lines if it cannot be
 * started or fails. If aborted, throws the signal's reason after the program has ended.
 */
export async function run(
  [command, ...args]: readonly [string, ...string[]],
  options: { readonly signal: AbortSignal; readonly env?: Readonly<Record<string, string | undefined>> },
): Promise<string> {
  options.signal.throwIfAborted();
  const child = spawn(command, args, {
    // A separate process group, which is killed as a whole.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-keptBytes);
    });
  }
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    signalGroup(child, 'SIGTERM');
    timer = setTimeout(() => {
      signalGroup(child, 'SIGKILL');
      abandon(child);
    }, graceMs);
  };
  options.signal.addEventListener('abort', end, { once: true });
  try {
    const code = await endOf(child);
    options.signal.throwIfAborted();
    if (code === 0) return output;
  } catch (error) {
    options.signal.throwIfAborted();
    throw new WorkError(`cannot run ${command}: ${messageOf(error)}`, {
      code: 'command-failed',
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', end);
  }
  const lastLines = output.trim().split('\n').slice(-15).join('\n');
  throw new WorkError(withoutCredentials(`${[command, ...args].join(' ')} failed:\n${lastLines}`), {
    code: 'command-failed',
  });
}

/**
 * Removes user information from URLs in a text, which may be a name and password or just a token. Keeps image digests.
 */
export function withoutCredentials(text: string): string {
  return text.replace(
    /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s'"/@:]*:[^\s'"]*|[^\s'"/@]*)@(?!sha256:)/gi,
    '$1***@',
  );
}
