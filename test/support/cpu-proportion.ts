/** The long input is compared with this many pieces: quadratic work would take 16 times as long in one piece. */
const pieces = 16;

/** Minimum CPU time for a comparison, ms: many ticks of the clock that Linux uses for thread times. */
const enoughMs = 60;

/** CPU time of this thread, ms, for running `work` `times` times. */
function cpuMs(work: () => void, times: number): number {
  const { user } = process.threadCpuUsage();
  for (let run = 0; run < times; run++) work();
  return (process.threadCpuUsage().user - user) / 1000;
}

/**
 * The ratio of CPU times for one input of 16 · `size` and 16 inputs of `size`: about 1 if the time is linear in the
 * size, about 16 if it is quadratic. It compares the same number of bytes, runs long enough for the clock's resolution,
 * and is not affected by other load.
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
