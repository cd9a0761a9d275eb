import type { ChildProcess } from 'node:child_process';

/** How long processes that a child left behind may still write to its output after it has ended. */
const lastWordsMs = 1_000;

/**
 * Resolves with the exit code of a child (null if a signal ended it) once its output has been read completely; rejects
 * if it cannot be started. Its own children may hold the output open forever, so this waits only a moment for them.
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
      // On a busy machine the timer may fire before anything was read; read the pending output first.
      const timer = setTimeout(() => setImmediate(stopReading), lastWordsMs);
      child.once('close', () => clearTimeout(timer));
    });
  });
}

/** Signals a child that leads a process group, together with the rest of the group. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/** Stops waiting for a process that survives even SIGKILL, and for processes that hold its output. */
export function abandon(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}
