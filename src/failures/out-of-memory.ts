/** What is known of how a process ended. */
export interface EngineEnd {
  readonly code?: number | null;
  readonly signal?: string | null;
  /** Processes of its machine that the kernel ended for memory while it ran. */
  readonly kernelKills?: number;
}

/**
 * How it shows that the kernel ended an engine because memory ran out; undefined if nothing shows it. A kill alone is no
 * sign: the kernel must have counted one for memory while the engine ran.
 */
export function memoryRanOut({ code, signal, kernelKills = 0 }: EngineEnd): string | undefined {
  // SIGKILL, which shells and job starters report as 128 + 9.
  const killed = signal === 'SIGKILL' || code === 137;
  return killed && kernelKills > 0 ? 'the kernel ended the engine because memory ran out' : undefined;
}
