import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 10;

/** How late this process's event loop ran, milliseconds: no time stamp can be later than that behind the truth. */
export interface LoopLag {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface LoopLagWatch {
  /** Of all that was sampled so far. */
  read(): LoopLag;
  stop(): void;
}

/** Samples the event loop's lateness every 10 ms until `stop`. */
export function watchLoopLag(): LoopLagWatch {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // The histogram holds whole intervals between two runs of its timer.
  const lag = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  return {
    read: () =>
      histogram.count === 0
        ? { p50Ms: 0, p99Ms: 0, maxMs: 0 }
        : {
            p50Ms: lag(histogram.percentile(50)),
            p99Ms: lag(histogram.percentile(99)),
            maxMs: lag(histogram.max),
          },
    stop: () => histogram.disable(),
  };
}
