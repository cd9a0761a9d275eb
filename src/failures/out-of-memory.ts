/** How a process ended. */
export interface EngineEnd {
  readonly code?: number | null;
  readonly signal?: string | null;
  /** Number of processes that the kernel killed for lack of memory on the engine's machine while the engine ran. */
  readonly kernelKills?: number;
}

/**
 * Explains that the kernel killed an engine because memory ran out; undefined if nothing shows that. SIGKILL alone does
 * not: the kernel must have counted an out-of-memory kill while the engine ran.
 */
export function memoryRanOut({ code, signal, kernelKills = 0 }: EngineEnd): string | undefined {
  // SIGKILL, which shells and job starters report as 128 + 9.
  const killed = signal === 'SIGKILL' || code === 137;
  return killed && kernelKills > 0 ? 'the kernel ended the engine because memory ran out' : undefined;
}
