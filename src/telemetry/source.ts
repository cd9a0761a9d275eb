import type { Host } from '../hosts/index.ts';
import { engineQuantities, type PublishedMetrics } from './server/metric-names.ts';

/** What can be read, by our names; each carries its unit. */
export const quantities = [
  /** Watts drawn now. */
  'powerW',
  /** Joules used since some start: a counter. */
  'energyJ',
  /** Share of time that a device was busy, 0 to 1. */
  'utilization',
  'memoryUsedBytes',
  /** Tasks of the machine that run or want to. */
  'runnableTasks',
  'clockMhz',
  'temperatureC',
  ...engineQuantities,
] as const;
export type Quantity = (typeof quantities)[number];

/** One value, of one device where there are several. */
export interface Reading {
  readonly quantity: Quantity;
  /** Such as `gpu0`, `package-0` or `host`. */
  readonly device: string;
  readonly value: number;
}

/** What a source's readings are about. */
export type Subject = 'accelerators' | 'cpu' | 'host' | 'engine';

/** All readings of one moment. Throws, saying why, if there are none; no step of it takes longer than `timeoutMs`. */
export type Read = (timeoutMs: number) => Promise<readonly Reading[]>;

/** What is sampled: an engine, and the node it runs on. */
export interface SampledTarget {
  readonly host: Host;
  /** The engine's own figures; absent if it publishes none. */
  readonly metrics?: PublishedMetrics;
}

/** One place that readings come from. */
export interface TelemetrySource {
  /** Unique; a raw result's `sampling` and `troubles` are by it. */
  readonly name: string;
  readonly subject: Subject;
  /** Seconds between readings, at least: starting a program costs more than reading a file. */
  readonly intervalS: number;
  /** Begins to read a target; undefined if the target has nothing for this source. */
  open(target: SampledTarget): Read | undefined;
}

/** Readings of the values that are numbers; what a tool writes for "none" is none. */
export function readingsOf(device: string, values: Partial<Record<Quantity, number | undefined>>): Reading[] {
  return quantities.flatMap((quantity) => {
    const value = values[quantity];
    return value === undefined || !Number.isFinite(value) ? [] : [{ quantity, device, value }];
  });
}
