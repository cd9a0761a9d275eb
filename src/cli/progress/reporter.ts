import type { Plan } from '../../plan/index.ts';
import type { SweepEvent } from '../../sweep/index.ts';
import { liveReporter } from './live.ts';
import { plainReporter } from './plain.ts';

/** Shows a sweep's events to whoever started it. */
export interface Reporter {
  event(event: SweepEvent): void;
  /** A line about what the product itself does around the sweep. */
  note(text: string): void;
  /** Leaves the terminal as a following line expects it. */
  close(): void;
}

/** Where lines of progress are written. */
export interface ProgressOutput {
  write(text: string): unknown;
}

/** JSON lines where asked for, a live view on a terminal, plain lines elsewhere. */
export function reporterFor(
  plan: Plan,
  {
    json,
    output,
    now,
  }: { readonly json: boolean; readonly output: NodeJS.WriteStream; readonly now: () => Date },
): Reporter {
  if (json) return jsonReporter(output, now);
  const plain = (target: ProgressOutput) => plainReporter(plan, target, now);
  return output.isTTY ? liveReporter(plan, output, plain) : plain(output);
}

function jsonReporter(output: ProgressOutput, now: () => Date): Reporter {
  const line = (value: object) => output.write(`${JSON.stringify({ at: now().toISOString(), ...value })}\n`);
  return { event: line, note: (text) => line({ type: 'note', text }), close: () => {} };
}
