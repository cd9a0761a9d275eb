import type { SweepEvent } from '../../sweep/index.ts';

/** Shows the events of a sweep to the user. */
export interface Reporter {
  event(event: SweepEvent): void;
  /** Prints a line about the program itself, outside the sweep. */
  note(text: string): void;
  /** The sweep is stopping early; the text says why, and what happens now. */
  stopping(text: string): void;
  /** Leaves the terminal ready for other output. */
  close(): void;
}

/** Where progress is written. */
export interface ProgressOutput {
  write(text: string): unknown;
}
