import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 10;

/** How late this process's event loop ran, in milliseconds; the largest possible error of a timestamp. */
export interface LoopLag {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export const noLoopLag: LoopLag = { p50Ms: 0, p99Ms: 0, maxMs: 0 };

/** The maximum of each figure over several threads. */
export function worstLoopLag(lags: readonly LoopLag[]): LoopLag {
  const worst = (figure: (lag: LoopLag) => number): number => Math.max(0, ...lags.map(figure));
  return {
    p50Ms: worst(({ p50Ms }) => p50Ms),
    p99Ms: worst(({ p99Ms }) => p99Ms),
    maxMs: worst(({ maxMs }) => maxMs),
  };
}

export interface LoopLagWatch {
  /** Over all samples so far. */
  read(): LoopLag;
  stop(): void;
}

/** Samples the event loop's delay every 10 ms until `stop`. */
export function watchLoopLag(): LoopLagWatch {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // The histogram contains whole intervals between two runs of its timer.
  const lag = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  return {
    read: () =>
      histogram.count === 0
        ? noLoopLag
        : {
            p50Ms: lag(histogram.percentile(50)),
            p99Ms: lag(histogram.percentile(99)),
            maxMs: lag(histogram.max),
          },
    stop: () => histogram.disable(),
  };
}
