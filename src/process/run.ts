import { spawn } from 'node:child_process';
import { messageOf, WorkError } from '../errors.ts';

/** Of what a command prints, this much of the end is kept for its error message. */
const keptBytes = 16_384;

/**
 * Runs a program to its end and returns the end of its output. Throws WorkError with its last lines when it cannot be
 * started or fails, and the signal's reason, after the program has ended, when aborted.
 */
export async function run(
  [command, ...args]: readonly [string, ...string[]],
  options: { readonly signal: AbortSignal; readonly env?: Readonly<Record<string, string | undefined>> },
): Promise<string> {
  options.signal.throwIfAborted();
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-keptBytes);
    });
  }
  const end = () => child.kill('SIGTERM');
  options.signal.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    options.signal.throwIfAborted();
    if (code === 0) return output;
  } catch (error) {
    options.signal.throwIfAborted();
    throw new WorkError(`cannot run ${command}: ${messageOf(error)}`, { cause: error });
  } finally {
    options.signal.removeEventListener('abort', end);
  }
  const lastLines = output.trim().split('\n').slice(-15).join('\n');
  throw new WorkError(withoutCredentials(`${[command, ...args].join(' ')} failed:\n${lastLines}`));
}

/** A text whose URLs show no user: that may be a name and password, or a token alone. An image's digest is none. */
export function withoutCredentials(text: string): string {
  return text.replace(
    /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s'"/@:]*:[^\s'"]*|[^\s'"/@]*)@(?!sha256:)/gi,
    '$1***@',
  );
}
