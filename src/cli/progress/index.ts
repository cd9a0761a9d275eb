import type { Plan } from '../../plan/index.ts';
import { liveReporter } from './live.ts';
import { plainReporter } from './plain.ts';
import type { ProgressOutput, Reporter } from './reporter.ts';

export type { Reporter } from './reporter.ts';

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
