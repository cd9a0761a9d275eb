import { createLogUpdate } from 'log-update';
import type { Sweep } from '../../sweep/index.ts';
import { durationInWords } from '../duration.ts';
import type { ProgressOutput, Reporter } from './reporter.ts';
import { Tally } from './tally.ts';
import { Wording } from './wording.ts';

const redrawEveryMs = 1_000;

/** The plain lines, with where the sweep and each of its nodes stand kept below them. */
export function liveReporter(
  sweep: Sweep,
  output: NodeJS.WriteStream,
  plain: (output: ProgressOutput) => Reporter,
): Reporter {
  const wording = new Wording(sweep);
  const tally = new Tally();
  const status = createLogUpdate(output);
  const draw = () => status(statusLines(tally, performance.now(), output.columns).join('\n'));
  const lines = plain({
    write: (text) => {
      // The status goes away, the line scrolls up, and the status comes back below it.
      status.clear();
      output.write(text);
    },
  });
  const redraw = setInterval(draw, redrawEveryMs).unref();
  return {
    event: (event) => {
      const progress = wording.doing(event);
      tally.see(event, progress ?? firstLine(wording.line(event)), performance.now());
      if (progress === undefined) lines.event(event);
      draw();
    },
    note: (text) => {
      lines.note(text);
      draw();
    },
    close: () => {
      clearInterval(redraw);
      status.clear();
      status.done();
    },
  };
}

/** A line for the sweep and one for each node, none longer than the terminal is wide. */
export function statusLines(tally: Tally, nowMs: number, columns: number): string[] {
  if (tally.total === 0) return [];
  const etaS = tally.etaS(nowMs);
  const eta = etaS === undefined ? '' : `, about ${durationInWords(etaS)} left`;
  const width = Math.max(0, ...[...tally.nodes.keys()].map((name) => name.length));
  const nodes = [...tally.nodes].map(([name, { doing, sinceMs }]) => {
    const sinceS = (nowMs - sinceMs) / 1000;
    return `  ${name.padEnd(width)}  ${doing}${sinceS < 3 ? '' : ` (${durationInWords(sinceS)})`}`;
  });
  return [`${tally.inWords()}${eta}`, ...nodes].map((line) => line.slice(0, Math.max(20, columns - 1)));
}

/** Without the node's name in brackets, which the status has in front. */
function firstLine(text: string | undefined): string | undefined {
  return text?.split('\n')[0]?.replace(/^\[[^\]]*\] /, '');
}
