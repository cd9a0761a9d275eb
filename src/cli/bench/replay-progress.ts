import type { ReplayProgress } from '../../load/index.ts';
import { durationInWords } from '../duration.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { isLive } from '../terminal/style.ts';

const lineIntervalS = 30;

/** Shows a replay's progress: a live line on a terminal; elsewhere a line every half minute, and one per phase. */
export function replayProgressOn(output: NodeJS.WriteStream): (progress: ReplayProgress) => void {
  const live = isLive(output, process.env) ? new LiveLine(output) : undefined;
  let lastLineS = Number.NEGATIVE_INFINITY;
  let phase: ReplayProgress['phase'] | undefined;
  return (progress) => {
    const isOver = progress.phase === 'over' && progress.inFlight === 0;
    if (live !== undefined) {
      live.show(replayParts(progress));
      if (isOver) live.end();
    } else if (phase !== progress.phase || isOver || progress.elapsedS - lastLineS >= lineIntervalS) {
      lastLineS = progress.elapsedS;
      output.write(`${replayParts(progress).join(', ')}\n`);
    }
    phase = progress.phase;
  };
}

const phases = {
  prime: 'warm-up: contexts',
  warmup: 'warm-up',
  profiling: 'measuring',
  over: 'waiting for the last replies',
} as const;

/** The parts of a progress line, most important first: a narrow terminal shows only the first ones. */
export function replayParts(progress: Omit<ReplayProgress, 'outputTokens'>): string[] {
  const { phase, leftS, treesDone, inFlight, completed, failed, elapsedS } = progress;
  const isDone = phase === 'over' && inFlight === 0;
  return [
    isDone ? `done after ${durationInWords(elapsedS)}` : phases[phase],
    ...(leftS === undefined || phase !== 'profiling' ? [] : [`${durationInWords(leftS)} left`]),
    `${treesDone} ${treesDone === 1 ? 'tree' : 'trees'} done`,
    `${inFlight} in flight`,
    `${completed} requests completed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
}
