import {
  type ComparedMeasurement,
  type ComparedMetric,
  comparedMetrics,
  curveKey,
  pointKey,
} from './compared-measurement.ts';
import { type PooledVariance, pooledVariance } from './statistics.ts';

/** Sources of a noise estimate, nearest first. */
export type NoiseBasis =
  | 'repeats of the point'
  | 'repeats of its curve'
  | 'repeats of its hardware and engine';

/** How much the logarithm of a figure varies when nothing changes. */
export interface Noise extends PooledVariance {
  readonly basis: NoiseBasis;
}

/** With fewer degrees of freedom, less similar repeats are used, too. */
const enoughDegreesOfFreedom = 6;

/** Measurements of the same point in the same environment, which differ only by noise. */
export interface Repeats {
  readonly points: readonly ComparedMeasurement[];
}

/**
 * Noise as measured from repeats. Run to run, figures vary by a share of themselves, so the variance is that of their
 * logarithms. It is pooled from the nearest repeats that are enough to tell: of the point, of its curve, of its hardware
 * and engine.
 */
export class NoiseModel {
  readonly #levels: readonly {
    readonly basis: NoiseBasis;
    readonly keyOf: (point: ComparedMeasurement) => string;
    readonly variances: ReadonlyMap<string, PooledVariance>;
  }[];

  constructor(repeats: readonly Repeats[]) {
    const level = (basis: NoiseBasis, keyOf: (point: ComparedMeasurement) => string) => ({
      basis,
      keyOf,
      variances: variancesBy(repeats, keyOf),
    });
    this.#levels = [
      level('repeats of the point', ({ row }) => pointKey(row)),
      level('repeats of its curve', ({ row }) => curveKey(row)),
      level('repeats of its hardware and engine', ({ row }) => JSON.stringify([row.hw, row.framework])),
    ];
  }

  /** The noise of one figure of a point; undefined if nothing was repeated. */
  of(point: ComparedMeasurement, metric: ComparedMetric): Noise | undefined {
    let widest: Noise | undefined;
    for (const { basis, keyOf, variances } of this.#levels) {
      const found = variances.get(`${keyOf(point)} ${metric.field}`);
      if (found === undefined || found.degreesOfFreedom === 0) continue;
      widest = { basis, ...found };
      if (found.degreesOfFreedom >= enoughDegreesOfFreedom) return widest;
    }
    return widest;
  }
}

function variancesBy(
  repeats: readonly Repeats[],
  keyOf: (point: ComparedMeasurement) => string,
): ReadonlyMap<string, PooledVariance> {
  const groups = new Map<string, number[][]>();
  for (const { points } of repeats) {
    const [first] = points;
    if (first === undefined || points.length < 2) continue;
    for (const { field } of comparedMetrics) {
      const logs = points.flatMap(({ row }) => logarithm(row[field]) ?? []);
      if (logs.length < 2) continue;
      const key = `${keyOf(first)} ${field}`;
      groups.set(key, [...(groups.get(key) ?? []), logs]);
    }
  }
  return new Map([...groups].map(([key, logs]) => [key, pooledVariance(logs)]));
}

/** The logarithm of a figure; undefined if there is none. */
export function logarithm(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? Math.log(value) : undefined;
}
