import type { Sweep, SweepEvent } from '../../sweep/index.ts';
import { durationInWords } from '../duration.ts';
import { fitting } from '../terminal/fit.ts';
import type { Style } from '../terminal/style.ts';
import type { ProgressOutput, Reporter } from './reporter.ts';
import { idle, Tally } from './tally.ts';
import { Wording } from './wording.ts';

/** After this long without output, a line says what the sweep is waiting for. */
const silenceMs = 10_000;
const lookEveryMs = 1_000;
/** Length of the time and the symbol before a line. */
const stampLength = '00:00:00 ✓ '.length;

interface PlainContext {
  readonly now: () => Date;
  readonly style: Style;
  /**
   * Whether to print the sweep's overall progress, and what it waits for during long silences; true if nothing else
   * shows them.
   */
  readonly saysStanding: boolean;
  /** Characters per line of the output, if a point must not take more than one line. */
  readonly width?: () => number;
}

/** Prints one line per event with its time, for logs and CI. */
export function plainReporter(
  sweep: Sweep,
  output: ProgressOutput,
  { now, style, saysStanding, width }: PlainContext,
): Reporter {
  const wording = new Wording(sweep);
  const tally = new Tally(wording.points);
  let toldMs = now().getTime();
  const line = (text: string) => {
    toldMs = now().getTime();
    output.write(`${style.paint('quiet', now().toTimeString().slice(0, 8))} ${text}\n`);
  };
  const breakSilence = (): void => {
    const nowMs = now().getTime();
    if (nowMs - toldMs < silenceMs) return;
    const busy = [...tally.nodes].filter(([, { doing }]) => doing !== idle);
    for (const [name, { doing, sinceMs }] of busy)
      line(
        `${tally.nodes.size > 1 ? `[${name}] ` : ''}${doing} (${durationInWords((nowMs - sinceMs) / 1000)})`,
      );
  };
  const look = saysStanding ? setInterval(breakSilence, lookEveryMs).unref() : undefined;
  return {
    event: (event) => {
      const nowMs = now().getTime();
      tally.see(event, wording.doing(event), nowMs);
      const whole = wording.line(event);
      if (whole === undefined) return;
      const isCut = width !== undefined && event.type === 'point-finished';
      const text = isCut ? fitting(whole.split(', '), width() - stampLength) : whole;
      const standing = saysStanding ? standingAfter(event, tally, nowMs) : '';
      const tone = wording.tone(event);
      line(
        tone === undefined
          ? `${text}${standing}`
          : `${style.sign(tone)}${style.paint(tone, text)}${standing}`,
      );
    },
    note: line,
    stopping: (text) => {
      tally.stop(now().getTime());
      line(text);
    },
    close: () => clearInterval(look),
  };
}

/** Overall progress, printed after each finished point. */
function standingAfter(event: SweepEvent, tally: Tally, nowMs: number): string {
  const etaS = tally.etaS(nowMs);
  if (event.type !== 'point-finished' || etaS === undefined || tally.done === tally.total) return '';
  return ` (${tally.done}/${tally.total}, about ${durationInWords(etaS)} left)`;
}
