import type { Sample } from './recorder.ts';
import type { Quantity } from './source.ts';

/** One quantity of one device over time, ordered by time. */
export interface TelemetrySeries {
  readonly device: string;
  readonly points: readonly Point[];
}

interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** The measured window, in milliseconds since the epoch. */
export interface MeasuredWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** Every device's series of a quantity, in the order in which devices first appear. */
export function seriesOf(samples: readonly Sample[], quantity: Quantity): TelemetrySeries[] {
  const devices = new Map<string, Point[]>();
  for (const { atMs, readings } of samples) {
    for (const reading of readings) {
      if (reading.quantity !== quantity) continue;
      const points = devices.get(reading.device) ?? [];
      devices.set(reading.device, points);
      points.push({ atMs, value: reading.value });
    }
  }
  return [...devices].map(([device, points]) => ({ device, points }));
}

/**
 * The rate per second of a counter between readings. Steps in which the counter decreased (wrapped, restarted) are left
 * out.
 */
export function rateOf({ device, points }: TelemetrySeries): TelemetrySeries {
  const rates = points.slice(1).flatMap((point, index) => {
    const before = points[index];
    if (before === undefined || point.value < before.value || point.atMs <= before.atMs) return [];
    const value = (1000 * (point.value - before.value)) / (point.atMs - before.atMs);
    // Constant between the two readings.
    return [
      { atMs: before.atMs, value },
      { atMs: point.atMs, value },
    ];
  });
  return { device, points: rates };
}

/** How much a counter increased in a window; undefined if it was read less than twice. */
export function increaseOf(series: TelemetrySeries, window: MeasuredWindow): number | undefined {
  const mean = meanOf(rateOf(series), window);
  return mean === undefined ? undefined : (mean * (window.endMs - window.startMs)) / 1000;
}

/**
 * The time-weighted mean over a window of the line through the points; the line is level before the first and after the
 * last point. Undefined if no point is in the window or next to it.
 */
export function meanOf({ points }: TelemetrySeries, { startMs, endMs }: MeasuredWindow): number | undefined {
  const inside = points.filter(({ atMs }) => atMs > startMs && atMs < endMs);
  if (points.length === 0 || endMs <= startMs) return undefined;
  const line = [
    { atMs: startMs, value: valueAt(points, startMs) },
    ...inside,
    { atMs: endMs, value: valueAt(points, endMs) },
  ];
  const area = line.slice(1).reduce((sum, point, index) => {
    const before = line[index] ?? point;
    return sum + ((before.value + point.value) / 2) * (point.atMs - before.atMs);
  }, 0);
  return area / (endMs - startMs);
}

/** How well readings cover a window. */
export interface Coverage {
  /** Whether there is a reading at or before its start, and one at or after its end. */
  readonly covers: boolean;
  /** The longest time between two readings that overlaps the window. */
  readonly longestGapMs: number;
}

export function coverageOf({ points }: TelemetrySeries, { startMs, endMs }: MeasuredWindow): Coverage {
  const gaps = points.slice(1).flatMap((point, index) => {
    const before = points[index];
    return before === undefined || point.atMs <= startMs || before.atMs >= endMs
      ? []
      : [point.atMs - before.atMs];
  });
  const [first, last] = [points[0], points.at(-1)];
  return {
    covers: first !== undefined && last !== undefined && first.atMs <= startMs && last.atMs >= endMs,
    longestGapMs: gaps.reduce((longest, gap) => Math.max(longest, gap), 0),
  };
}

/** The values read in a window, sorted ascending. */
export function sortedInside({ points }: TelemetrySeries, { startMs, endMs }: MeasuredWindow): number[] {
  return points
    .filter(({ atMs }) => atMs >= startMs && atMs <= endMs)
    .map(({ value }) => value)
    .toSorted((a, b) => a - b);
}

/** The sum of several devices at every time at which any of them was read. */
export function sumOf(all: readonly TelemetrySeries[]): TelemetrySeries {
  const times = [...new Set(all.flatMap(({ points }) => points.map(({ atMs }) => atMs)))].toSorted(
    (a, b) => a - b,
  );
  const points = times.map((atMs) => ({
    atMs,
    value: all.reduce((sum, series) => sum + valueAt(series.points, atMs), 0),
  }));
  return { device: 'all', points };
}

/**
 * The value of the line through the points, which is level before the first and after the last of them; NaN without
 * points.
 */
function valueAt(points: readonly Point[], atMs: number): number {
  const next = points.findIndex((point) => point.atMs >= atMs);
  const after = points[next];
  const before = points[next === -1 ? points.length - 1 : next - 1];
  if (after === undefined) return before?.value ?? Number.NaN;
  if (before === undefined || after.atMs === before.atMs) return after.value;
  return before.value + ((after.value - before.value) * (atMs - before.atMs)) / (after.atMs - before.atMs);
}
