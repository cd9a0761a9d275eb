/** The exit code of a run that Ctrl-C or SIGTERM ended, as shells expect it. */
export const interruptedExitCode = 130;

/** Thrown out of whatever was running when the user interrupted it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** What ends each piece of work that is under way. */
const working = new Set<() => void>();
let hasWorked = false;
let unread = false;

/**
 * Runs `work` with a signal that the first Ctrl-C (or SIGTERM, SIGHUP, or the end of whoever reads the output) aborts,
 * so that it can stop the engine and keep what is finished. A second Ctrl-C ends the process at once; the engine's
 * record then lets the next run end it.
 */
export async function withInterrupt<T>(
  work: (signal: AbortSignal) => Promise<T>,
  onInterrupt: () => void,
): Promise<T> {
  const controller = new AbortController();
  const end = (): void => {
    if (controller.signal.aborted) return;
    onInterrupt();
    controller.abort(new Interrupted('interrupted'));
  };
  let signalled = false;
  const interrupt = (): void => {
    if (signalled) process.exit(interruptedExitCode);
    signalled = true;
    end();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  hasWorked = true;
  working.add(end);
  if (unread) end();
  try {
    return await work(controller.signal);
  } finally {
    working.delete(end);
    for (const signal of signals) process.off(signal, interrupt);
  }
}

/**
 * Looks after an output that can no longer be written, because its reader (such as `head`) or the terminal is gone. Work
 * under way ends as by Ctrl-C, and what follows it is still kept; a command that only prints has nothing left to do.
 */
export function watchOutputs(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const gone = error.code === 'EPIPE' || error.code === 'EIO';
      if (!gone && working.size === 0) throw error;
      unread = true;
      for (const end of working) end();
      if (stream === process.stdout && !hasWorked) process.exit(0);
    });
  }
}
