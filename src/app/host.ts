/** What a use case that takes a while asks of whoever started it. */
export interface UseCaseHost {
  /** Takes a line about what is being done, for a person. */
  readonly note: (text: string) => void;
  /** Runs work with a signal that is aborted when the user interrupts it. */
  readonly interruptible: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}
