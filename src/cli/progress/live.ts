import { createLogUpdate } from 'log-update';
import type { Sweep } from '../../sweep/index.ts';
import { durationInWords } from '../duration.ts';
import { fitting, widthOf } from '../terminal/fit.ts';
import type { Style } from '../terminal/style.ts';
import type { ProgressOutput, Reporter } from './reporter.ts';
import { Tally } from './tally.ts';
import { Wording } from './wording.ts';

const redrawEveryMs = 1_000;
const barCells = 20;
/** Minimum width for a progress bar next to the figures. */
const columnsForBar = 60;

/** Prints the plain lines, with the status of the sweep and of each node below them. */
export function liveReporter(
  sweep: Sweep,
  output: NodeJS.WriteStream,
  style: Style,
  plain: (output: ProgressOutput) => Reporter,
): Reporter {
  const wording = new Wording(sweep);
  const tally = new Tally(wording.points);
  const status = createLogUpdate(output);
  let drawn: readonly string[] = [];
  const draw = () => {
    drawn = statusLines(tally, performance.now(), widthOf(output), style);
    status(drawn.join('\n'));
  };
  const erase = () => {
    status.clear();
    drawn = [];
  };
  // A terminal that got narrower has wrapped the lines: more rows must be erased than were drawn.
  const resized = () => {
    const broken = drawn.reduce((rows, { length }) => rows + Math.ceil(length / widthOf(output)) - 1, 0);
    status.clear();
    if (broken > 0) output.write(`\u001b[${broken}A\u001b[J`);
    draw();
  };
  output.on('resize', resized);
  const lines = plain({
    write: (text) => {
      // Remove the status, let the line scroll up, and draw the status again below it.
      erase();
      output.write(text);
    },
  });
  const redraw = setInterval(draw, redrawEveryMs).unref();
  return {
    event: (event) => {
      tally.see(event, wording.doing(event), performance.now());
      if (wording.line(event) !== undefined) lines.event(event);
      draw();
    },
    note: (text) => {
      lines.note(text);
      draw();
    },
    stopping: (text) => {
      tally.stop(performance.now());
      lines.stopping(text);
      draw();
    },
    close: () => {
      clearInterval(redraw);
      output.off('resize', resized);
      erase();
      status.done();
      lines.close();
    },
  };
}

/** A status line for the sweep and one per node, none wider than the terminal. */
export function statusLines(tally: Tally, nowMs: number, columns: number, style: Style): string[] {
  if (tally.total === 0) return [];
  const etaS = tally.etaS(nowMs);
  const eta = etaS === undefined ? [] : [`about ${durationInWords(etaS)} left`];
  const bar = columns < columnsForBar ? '' : style.bar(tally.share, barCells);
  const width = Math.max(0, ...[...tally.nodes.keys()].map((name) => name.length));
  const nodes = [...tally.nodes].map(([name, { doing, sinceMs }]) => {
    const sinceS = (nowMs - sinceMs) / 1000;
    const [what = '', ...figures] = doing.split(', ');
    const since = sinceS < 3 ? '' : ` (${durationInWords(sinceS)})`;
    const node = tally.nodes.size > 1 ? `${name.padEnd(width)}  ` : '';
    return fitting([`  ${node}${what}${since}`, ...figures], columns - 1);
  });
  const [points = '', ...counts] = tally.parts();
  const head = bar === '' ? points : `${bar} ${points}`;
  return [fitting([head, ...eta, ...counts], columns - 1), ...nodes];
}
