import type { Plan } from '../../plan/index.ts';
import type { ProgressOutput, Reporter } from './reporter.ts';
import { Wording } from './wording.ts';

/** Between two lines about progress that changes nothing else, at least this long. */
const progressEveryMs = 10_000;

/** One line for each thing that happens, with the time it happened: for logs and CI. */
export function plainReporter(plan: Plan, output: ProgressOutput, now: () => Date): Reporter {
  const wording = new Wording(plan);
  let toldAt = 0;
  const line = (text: string) => output.write(`${now().toTimeString().slice(0, 8)} ${text}\n`);
  return {
    event: (event) => {
      const text = wording.line(event);
      if (text !== undefined) {
        line(text);
        toldAt = now().getTime();
        return;
      }
      const progress = wording.progress(event);
      if (progress === undefined || now().getTime() - toldAt < progressEveryMs) return;
      line(progress);
      toldAt = now().getTime();
    },
    note: line,
    close: () => {},
  };
}
