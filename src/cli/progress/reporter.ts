import type { SweepEvent } from '../../sweep/index.ts';

/** Shows a sweep's events to whoever started it. */
export interface Reporter {
  event(event: SweepEvent): void;
  /** A line about what the product itself does around the sweep. */
  note(text: string): void;
  /** The work is being ended early; the text says why and what happens now. */
  stopping(text: string): void;
  /** Leaves the terminal as a following line expects it. */
  close(): void;
}

/** Where lines of progress are written. */
export interface ProgressOutput {
  write(text: string): unknown;
}
