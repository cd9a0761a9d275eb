/** Exit code after Ctrl-C or SIGTERM, as shells expect it. */
export const interruptedExitCode = 130;

/** Thrown from the running work when the user interrupts it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Aborts each piece of running work. */
const working = new Set<() => void>();
let hasWorked = false;
let unread = false;

/**
 * Runs `work` with a signal that the first Ctrl-C aborts (or SIGTERM, SIGHUP, or a closed output), so that it can stop
 * the engine and keep finished results. A second Ctrl-C exits immediately; the next run then stops the engine by its
 * record.
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
 * Handles outputs that can no longer be written because the reader (such as `head`) or the terminal is gone. Running
 * work stops like after Ctrl-C, and its results are still stored; a command that only prints exits.
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
