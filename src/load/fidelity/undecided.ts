import { startMsOf, tpotMsOf } from '../latencies.ts';
import { defaultPercentiles, type LoadTest } from '../load-test.ts';
import type { TimeBounds } from '../reply/empty-events.ts';
import { type RequestLog, RequestState } from '../request-log.ts';
import { goodputLimits } from '../statistics/slo-attainment.ts';
import { type Summary, summarize } from '../statistics/summary.ts';
import { known, valueAt } from '../unknown.ts';

/** The largest acceptable relative error of a published figure. */
const mostShift = 0.01;
/** The largest acceptable share of gaps that may or may not exist. */
const mostGapShare = 0.001;

/** A published latency of a request, in milliseconds. */
interface BoundedLatency {
  recorded(log: RequestLog, index: number): number;
  /** Its smallest and largest possible values. */
  possible(log: RequestLog, index: number, bounds: TimeBounds): readonly [least: number, most: number];
}

/** The time from the start of a request to one of its tokens. */
function sinceStart(column: 'firstTokenMs' | 'lastTokenMs', bound: 'firstMs' | 'lastMs'): BoundedLatency {
  return {
    recorded: (log, index) => valueAt(log[column], index) - startMsOf(log, index, 'due'),
    possible: (log, index, { [bound]: [least, most] }) => {
      const startMs = startMsOf(log, index, 'due');
      return [least - startMs, most - startMs];
    },
  };
}

const ttft = sinceStart('firstTokenMs', 'firstMs');
const e2el = sinceStart('lastTokenMs', 'lastMs');

const tpot: BoundedLatency = {
  recorded: tpotMsOf,
  possible: (log, index, { firstMs, lastMs }) => {
    const steps = valueAt(log.decodeSteps, index);
    return [(lastMs[0] - firstMs[1]) / steps, (lastMs[1] - firstMs[0]) / steps];
  },
};

/**
 * Whether mean, median and percentiles of TTFT, E2EL and TPOT change by at most 1 %, and at most one gap in 1,000 is
 * uncertain, whichever events of the undecided replies were tokens. Each figure is recomputed with these replies at
 * their smallest and largest values. A percentile beyond which there is less than one reply, such as p99.9 of 640, is
 * not considered: it is about the largest sample, which any single reply can change.
 */
export function areFiguresDecided(
  log: RequestLog,
  test: Pick<LoadTest, 'goodput' | 'slos' | 'percentiles'>,
): boolean {
  const { undecided } = log;
  // Most tests end here; sorting all samples again is slow.
  if (undecided.length === 0) return true;
  const gaps = undecided.reduce((sum, { bounds }) => sum + bounds.gaps, 0);
  if (gaps > mostGapShare * log.tokenGapsMs.describe([]).summary.count) return false;
  const completed = log.count(RequestState.completed);
  // Each of them may meet or miss its objectives.
  const mayFlip = goodputLimits(test) === undefined ? 0 : undecided.length;
  if (mayFlip > mostShift * completed) return false;
  const boundsOf = new Map(undecided.map(({ index, bounds }) => [index, bounds]));
  const percentiles = (test.percentiles ?? defaultPercentiles).filter(
    (percent) => completed * (1 - percent / 100) >= 1,
  );
  return [ttft, e2el, tpot].every((latency) => {
    const figures = (side?: 0 | 1): Summary => {
      const samples = log.completed((index) => {
        const bounds = boundsOf.get(index);
        return side === undefined || bounds === undefined
          ? latency.recorded(log, index)
          : latency.possible(log, index, bounds)[side];
      });
      return summarize(known(samples), percentiles);
    };
    const recorded = figures();
    return isWithin(figures(0), recorded) && isWithin(figures(1), recorded);
  });
}

function isWithin(other: Summary, recorded: Summary): boolean {
  const valuesOf = ({ mean, median, percentiles }: Summary) => [mean, median, ...percentiles.values()];
  const values = valuesOf(recorded);
  return valuesOf(other).every((found, index) => {
    const value = valueAt(values, index);
    return Math.abs(found - value) <= mostShift * value;
  });
}
