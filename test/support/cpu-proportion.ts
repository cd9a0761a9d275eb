/** Pieces that the long input is compared with: work in the square would cost 16 times as much in one piece. */
const pieces = 16;

/** CPU time that is compared, in ms: many ticks of the clock that Linux counts the time of a thread with. */
const enoughMs = 60;

/** CPU time of this thread in ms while `work` ran `times` times. */
function cpuMs(work: () => void, times: number): number {
  const { user } = process.threadCpuUsage();
  for (let run = 0; run < times; run++) work();
  return (process.threadCpuUsage().user - user) / 1000;
}

/**
 * How many times as much CPU time an input of 16 · `size` takes as 16 inputs of `size` do: about 1 if the
 * time is in proportion to the size, about 16 if it is in the square. Compares the same number of bytes, and
 * long enough that the step of the clock does not count; other load on the machine does not change it.
 */
export function cpuGrowth(size: number, workOn: (size: number) => () => void): number {
  const short = workOn(size);
  const long = workOn(pieces * size);
  let rounds = 1;
  let shortMs = cpuMs(short, pieces);
  while (shortMs < enoughMs) {
    rounds *= 2;
    shortMs = cpuMs(short, pieces * rounds);
  }
  return cpuMs(long, rounds) / shortMs;
}
