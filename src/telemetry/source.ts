import type { Host } from '../hosts/index.ts';
import type { RedfishAccess } from './redfish-access.ts';
import { engineQuantities, type PublishedMetrics } from './server/metric-names.ts';

/** The quantities that can be read, under our names, which include units. */
export const quantities = [
  /** Current power in watts. */
  'powerW',
  /** A counter of joules since some start. */
  'energyJ',
  /** Share of time in which a device was busy, 0 to 1. */
  'utilization',
  'memoryUsedBytes',
  /** Tasks of the machine that are running or ready to run. */
  'runnableTasks',
  'clockMhz',
  'temperatureC',
  /** The power limit of a device in watts. */
  'powerLimitW',
  /** 1 while the clock is lowered to stay below the power limit, else 0. */
  'powerCapped',
  /** 1 while the clock is lowered because of heat, else 0. */
  'thermallySlowed',
  ...engineQuantities,
] as const;
export type Quantity = (typeof quantities)[number];

/** One value, of one device if there are several. */
export interface Reading {
  readonly quantity: Quantity;
  /** Such as `gpu0`, `package-0` or `host`. */
  readonly device: string;
  readonly value: number;
}

/** What a source's readings are about; `chassis` is the whole machine at its power supplies. */
export type Subject = 'accelerators' | 'cpu' | 'chassis' | 'host' | 'engine';

/** Reads all values at one moment. Throws with the reason if there are none. No step takes longer than `timeoutMs`. */
export type Read = (timeoutMs: number) => Promise<readonly Reading[]>;

/** What is sampled: an engine and its node. */
export interface SampledTarget {
  readonly host: Host;
  /** The engine's own metrics; absent if it publishes none. */
  readonly metrics?: PublishedMetrics;
  /** How many nodes the engine has (default 1); `host` is the first. */
  readonly nodes?: number;
  /** The management controllers of its nodes. */
  readonly redfish?: RedfishAccess;
}

/** A source of readings. */
export interface TelemetrySource {
  /** Unique; the key in a raw result's `sampling` and `troubles`. */
  readonly name: string;
  readonly subject: Subject;
  /** Minimum seconds between readings; starting a program costs more than reading a file. */
  readonly intervalS: number;
  /** Prepares to read a target; undefined if the source does not apply to it. */
  open(target: SampledTarget): Read | undefined;
}

/** Readings of the values that are finite numbers; a tool's placeholder for a missing value is dropped. */
export function readingsOf(device: string, values: Partial<Record<Quantity, number | undefined>>): Reading[] {
  return quantities.flatMap((quantity) => {
    const value = values[quantity];
    return value === undefined || !Number.isFinite(value) ? [] : [{ quantity, device, value }];
  });
}
