import { arrivalTimesMs } from '../arrivals/index.ts';
import { hasPauses } from '../datasets/index.ts';
import { type Latencies, latenciesOf } from '../latencies.ts';
import { arrivalsOf, type LoadTest } from '../load-test.ts';
import type { StreamCounters } from '../recording.ts';
import type { RequestLog } from '../request-log.ts';
import { valueAt } from '../unknown.ts';
import {
  fallingBehind,
  hasTooManyErrors,
  type MetRule,
  type PrecisionMetric,
  relativeHalfWidth,
  type StopRules,
} from './stop-rules.ts';

/** The clock of a running test, in milliseconds. */
export interface TestClock {
  readonly startMs: number;
  readonly nowMs: number;
}

/** The interval is computed again when there are this many times as many replies. */
const moreReplies = 1.05;
/** One narrow interval among many that are looked at may be chance. */
const narrowInARow = 2;

/** Watches a running test and says when one of its rules is met. */
export class EndingWatch {
  readonly #rules: StopRules;
  /** When the requests of an open loop are due, from its start; undefined in a closed loop. */
  readonly #arrivalsMs: Float64Array | undefined;
  /** Later turns of conversations are due when they are sent, not at the times of arrivals. */
  readonly #hasLaterTurns: boolean;
  #repliesSeen = 0;
  #narrow = 0;

  constructor(test: LoadTest) {
    this.#rules = test.stopWhen ?? {};
    const arrivals = arrivalsOf(test);
    this.#arrivalsMs =
      arrivals === undefined || this.#rules.saturated !== true
        ? undefined
        : arrivalTimesMs(arrivals, test.numPrompts, test.seed);
    this.#hasLaterTurns = hasPauses(test.dataset);
  }

  /** The first rule that is met now, if any. */
  see(log: RequestLog, counters: Readonly<StreamCounters>, clock: TestClock): MetRule | undefined {
    return this.#errors(counters) ?? this.#saturation(log, counters, clock) ?? this.#precision(log, counters);
  }

  #errors({ failed, completed }: Readonly<StreamCounters>): MetRule | undefined {
    const { errors } = this.#rules;
    if (errors === undefined || !hasTooManyErrors(errors, { failed, completed })) return undefined;
    const bound = errors.isShare ? percent(errors.most) : String(errors.most);
    return {
      reason: 'errors',
      detail: `${failed} of ${failed + completed} requests failed, more than the bound of ${bound}`,
    };
  }

  #saturation(
    log: RequestLog,
    { inFlight }: Readonly<StreamCounters>,
    { startMs, nowMs }: TestClock,
  ): MetRule | undefined {
    if (this.#arrivalsMs === undefined) return undefined;
    const dueMs = this.#hasLaterTurns ? log.dueMs.map((atMs) => atMs - startMs) : this.#arrivalsMs;
    const share = fallingBehind({
      elapsedMs: nowMs - startMs,
      dueMs,
      endedMs: log.endMs.map((atMs) => atMs - startMs),
    });
    if (share === undefined) return undefined;
    return {
      reason: 'saturation',
      detail: `the server falls behind by ${percent(share)} of the requests, with ${inFlight} in flight`,
    };
  }

  #precision(log: RequestLog, { completed }: Readonly<StreamCounters>): MetRule | undefined {
    const { precision } = this.#rules;
    if (precision === undefined || completed < moreReplies * this.#repliesSeen) return undefined;
    this.#repliesSeen = completed;
    const samples = samplesOf(precision.metric, latenciesOf(log, 'due'));
    const width = relativeHalfWidth(samples);
    this.#narrow = width !== undefined && width <= precision.share ? this.#narrow + 1 : 0;
    if (width === undefined || this.#narrow < narrowInARow) return undefined;
    return {
      reason: 'precision',
      detail: `the 95 % interval of the mean ${precision.metric} is ±${percent(width)} after ${samples.length} replies`,
    };
  }
}

/** The samples of a metric in order of time, without unknown ones. */
function samplesOf(metric: PrecisionMetric, latencies: Latencies): Float64Array {
  const samples = { ttft: latencies.ttftMs, tpot: latencies.tpotMs, e2el: latencies.e2elMs }[metric];
  const order = Uint32Array.from(samples.keys()).sort(
    (a, b) => valueAt(latencies.startMs, a) - valueAt(latencies.startMs, b),
  );
  return Float64Array.from(order, (index) => valueAt(samples, index)).filter((value) => !Number.isNaN(value));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
