import { figure, type LoadProgress } from '../../load/index.ts';

const lineIntervalS = 10;

/** Shows a test's progress: one live line on a terminal, elsewhere a line every ten seconds and one at the end. */
export function progressOn(output: NodeJS.WriteStream, which: string): (progress: LoadProgress) => void {
  let lastLineS = 0;
  return (progress) => {
    const isLast = progress.completed + progress.failed === progress.total;
    if (output.isTTY) {
      output.write(`\r\u001b[K${which}${lineOf(progress)}${isLast ? '\n' : ''}`);
    } else if (isLast || progress.elapsedS - lastLineS >= lineIntervalS) {
      lastLineS = progress.elapsedS;
      output.write(`${which}${lineOf(progress)}\n`);
    }
  };
}

function lineOf(progress: LoadProgress): string {
  const { completed, failed, total, inFlight, elapsedS, requestThroughput, verdict } = progress;
  const { outputThroughput, medianTtftMs, medianTpotMs } = progress;
  return (
    `${elapsedS.toFixed(0)} s: ${completed + failed}/${total} done, ${failed} failed, ${inFlight} in flight, ` +
    `${requestThroughput.toFixed(1)} req/s, ${figure(outputThroughput, 0)} tok/s, TTFT ${figure(medianTtftMs, 0)} ms, ` +
    `TPOT ${figure(medianTpotMs, 1)} ms, ${verdict} so far`
  );
}
