import type { ArrivalPattern } from './pattern.ts';

/** Requests at the times of a recorded trace. */
export interface TraceArrivals {
  readonly kind: 'trace';
  /** Milliseconds from its start, ascending; one for each request. */
  readonly timestampsMs: readonly number[];
}

const options = {};

/** Requests at the times that the data set contains. */
export const trace: ArrivalPattern<TraceArrivals, typeof options> = {
  kind: 'trace',
  options,
  asked: () => undefined,
  problems: ({ timestampsMs }, count) => {
    const wrong = timestampsMs.findIndex(
      (timeMs, index) => !(timeMs >= (timestampsMs[index - 1] ?? 0) && Number.isFinite(timeMs)),
    );
    return [
      ...(timestampsMs.length < count
        ? [`the trace has ${timestampsMs.length} times for ${count} requests`]
        : []),
      ...(wrong === -1
        ? []
        : [`times of a trace must ascend from 0, but number ${wrong + 1} is ${timestampsMs[wrong]}`]),
    ];
  },
  timesMs: ({ timestampsMs }, count) => Float64Array.from(timestampsMs.slice(0, count)),
};
