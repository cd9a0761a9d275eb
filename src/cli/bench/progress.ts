import { figure, type LoadProgress } from '../../load/index.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { isLive } from '../terminal/style.ts';

const lineIntervalS = 10;

/**
 * Shows a test's progress: a live line on a terminal; elsewhere a line every ten seconds and one at the end.
 * @param which Prefix of the lines, if there are several tests.
 */
export function progressOn(output: NodeJS.WriteStream, which: string): (progress: LoadProgress) => void {
  const live = isLive(output, process.env) ? new LiveLine(output) : undefined;
  let lastLineS = 0;
  return (progress) => {
    const isLast = progress.completed + progress.failed === progress.total;
    if (live !== undefined) {
      live.show(partsOf(progress, which));
      if (isLast) live.end();
    } else if (isLast || progress.elapsedS - lastLineS >= lineIntervalS) {
      lastLineS = progress.elapsedS;
      output.write(`${partsOf(progress, which).join(', ')}\n`);
    }
  };
}

/** The parts of a progress line, most important first: a narrow terminal shows only the first ones. */
function partsOf(progress: LoadProgress, which: string): string[] {
  const { completed, failed, total, inFlight, elapsedS, requestThroughput, verdict } = progress;
  const { outputThroughput, medianTtftMs, medianTpotMs } = progress;
  return [
    `${which}${elapsedS.toFixed(0)} s: ${completed + failed}/${total} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(progress.generates !== false
      ? [
          `${figure(outputThroughput, 0)} tok/s`,
          `TTFT ${figure(medianTtftMs, 0)} ms`,
          `TPOT ${figure(medianTpotMs, 1)} ms`,
        ]
      : []),
    `${inFlight} in flight`,
    `${requestThroughput.toFixed(1)} req/s`,
    `${verdict} so far`,
  ];
}
