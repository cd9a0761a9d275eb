import type { Sweep, SweepEvent } from '../../sweep/index.ts';
import { durationInWords } from '../duration.ts';
import type { ProgressOutput, Reporter } from './reporter.ts';
import { Tally } from './tally.ts';
import { Wording } from './wording.ts';

/** Between two lines about progress that changes nothing else, at least this long. */
const progressEveryMs = 10_000;

/** One line for each thing that happens, with the time it happened: for logs and CI. */
export function plainReporter(
  sweep: Sweep,
  output: ProgressOutput,
  { now, saysStanding }: { readonly now: () => Date; readonly saysStanding: boolean },
): Reporter {
  const wording = new Wording(sweep);
  const tally = new Tally();
  let toldAt = 0;
  const line = (text: string) => output.write(`${now().toTimeString().slice(0, 8)} ${text}\n`);
  return {
    event: (event) => {
      tally.see(event, undefined, now().getTime());
      const text = wording.line(event);
      if (text !== undefined) {
        line(`${text}${saysStanding ? standing(event, tally, now().getTime()) : ''}`);
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

/** How far the sweep is, said after each point that is done. */
function standing(event: SweepEvent, tally: Tally, nowMs: number): string {
  const etaS = tally.etaS(nowMs);
  if (event.type !== 'point-finished' || etaS === undefined || tally.done === tally.total) return '';
  return ` (${tally.done}/${tally.total}, about ${durationInWords(etaS)} left)`;
}
