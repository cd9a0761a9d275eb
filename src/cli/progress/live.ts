import { createLogUpdate } from 'log-update';
import type { Plan } from '../../plan/index.ts';
import type { ProgressOutput, Reporter } from './reporter.ts';
import { Wording } from './wording.ts';

/** The plain lines, with what is going on right now kept below them. */
export function liveReporter(
  plan: Plan,
  output: NodeJS.WriteStream,
  plain: (output: ProgressOutput) => Reporter,
): Reporter {
  const wording = new Wording(plan);
  const status = createLogUpdate(output);
  const lines = plain({
    write: (text) => {
      // The status goes away, the line scrolls up, and the status comes back below it.
      status.clear();
      output.write(text);
    },
  });
  return {
    event: (event) => {
      const progress = wording.progress(event);
      if (progress === undefined) lines.event(event);
      else status(`  ${progress}`);
    },
    note: (text) => lines.note(text),
    close: () => {
      status.clear();
      status.done();
    },
  };
}
