import type { GpuFigures, Measure, MeasureInput } from '../../../src/derived/measures.ts';
import type { HardwareDocument, MetricName } from '../../../src/server/api.ts';
import { hardwareAsOf } from './hardware-as-of.ts';
import { intervalOf, metricOf, type PublishedPoint } from './points.ts';

/** Constants of each GPU by key; empty if they could not be loaded, and then nothing has a cost. */
export type Gpus = ReadonlyMap<string, GpuFigures>;

export function gpusOf(hardware: HardwareDocument | undefined, month: string): Gpus {
  if (hardware === undefined) return new Map();
  return new Map(hardwareAsOf(hardware, month).gpus.map((constants) => [constants.gpu, constants]));
}

export function measuredPoint(point: PublishedPoint, gpus: Gpus): MeasureInput {
  return readAs(point, gpus, (name) => metricOf(point, name));
}

/**
 * The 95 % interval of a measure: the measure of the interval's ends; null if its figures have no interval.
 */
export function measureInterval(
  measure: Measure,
  point: PublishedPoint,
  gpus: Gpus,
): readonly [number, number] | null {
  const bound = (side: 0 | 1) =>
    measure.of(readAs(point, gpus, (name) => intervalOf(point, name)?.[side] ?? metricOf(point, name)));
  const [a, b] = [bound(0), bound(1)];
  return a === null || b === null || a === b ? null : [Math.min(a, b), Math.max(a, b)];
}

function readAs(
  point: PublishedPoint,
  gpus: Gpus,
  metric: (name: MetricName) => number | null,
): MeasureInput {
  const { gpu } = point.series;
  return { metric, gpus: point.gpus, gpu: gpu === null ? null : (gpus.get(gpu) ?? null) };
}
