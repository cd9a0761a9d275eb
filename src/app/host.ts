/** How a long-running use case talks to its caller. */
export interface UseCaseHost {
  /** Reports progress as one line for the user. */
  readonly note: (text: string) => void;
  /** Runs work with a signal that aborts when the user interrupts it. */
  readonly interruptible: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}
