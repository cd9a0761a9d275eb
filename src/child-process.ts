import type { ChildProcess } from 'node:child_process';

/** How long after its end what a child left behind may still write into its output. */
const lastWordsMs = 1_000;

/**
 * Resolves with the exit code of a child (null if a signal ended it) once its output has been read to its end, and
 * rejects if it cannot be started. What it has started may hold its output open for ever: that is waited for a moment
 * only.
 */
export async function endOf(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
    child.once('exit', (code) => {
      const stopReading = () => {
        abandon(child);
        resolve(code);
      };
      // On a busy machine the time may be over before anything was read: what has come is read first.
      const timer = setTimeout(() => setImmediate(stopReading), lastWordsMs);
      child.once('close', () => clearTimeout(timer));
    });
  });
}

/** Signals a child that leads a process group, with whatever it has started and left in it. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/** Nobody waits any more for a process that even SIGKILL does not end, nor for what still holds its output. */
export function abandon(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}
