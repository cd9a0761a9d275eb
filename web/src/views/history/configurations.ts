import type { Measure } from '../../../../src/derived/measures.ts';
import { type Gpus, measuredPoint, measureInterval } from '../../data/measured.ts';
import type { PublishedPoint } from '../../data/points.ts';

/** One configuration, measured repeatedly. */
export interface Configuration {
  /** `LAYOUT @ CONC`, as in the address. */
  readonly key: string;
  readonly layout: string;
  readonly conc: number;
  /** Oldest first. */
  readonly points: readonly PublishedPoint[];
}

/** Configurations of a series, the one measured most often first. */
export function configurationsOf(points: readonly PublishedPoint[]): Configuration[] {
  const groups = Map.groupBy(points, ({ layout, conc }) => `${layout} @ ${conc}`);
  return [...groups]
    .flatMap(([key, members]) => {
      const first = members[0];
      if (first === undefined) return [];
      const { layout, conc } = first;
      return { key, layout, conc, points: members.toSorted((a, b) => a.measuredAtS - b.measuredAtS) };
    })
    .toSorted(
      (a, b) => b.points.length - a.points.length || a.layout.localeCompare(b.layout) || a.conc - b.conc,
    );
}

export interface HistoryMoment {
  readonly point: PublishedPoint;
  readonly value: number;
  readonly interval: readonly [number, number] | null;
}

/** The measure at each time it was measured. */
export function momentsOf({ points }: Configuration, measure: Measure, gpus: Gpus): HistoryMoment[] {
  return points.flatMap((point) => {
    const value = measure.of(measuredPoint(point, gpus));
    return value === null ? [] : { point, value, interval: measureInterval(measure, point, gpus) };
  });
}
