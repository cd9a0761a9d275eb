/** What can be read, by our names; each carries its unit. */
export const quantities = [
  /** Watts drawn now. */
  'powerW',
  /** Joules used since some start: a counter. */
  'energyJ',
  /** Share of time that a device was busy, 0 to 1. */
  'utilization',
  'memoryUsedBytes',
  'clockMhz',
  'temperatureC',
  /** Requests being served, and requests waiting for a place. */
  'running',
  'waiting',
  /** Share of the KV cache in use, 0 to 1. */
  'kvCacheUsage',
  /** Counters since the engine's start. */
  'promptTokens',
  'generationTokens',
  'preemptions',
  'specDraftedTokens',
  'specAcceptedTokens',
  /** Share of drafted tokens that are accepted, 0 to 1. */
  'specAcceptance',
] as const;
export type Quantity = (typeof quantities)[number];

/** One value, of one device where there are several. */
export interface Reading {
  readonly quantity: Quantity;
  /** Such as `gpu0`, `package-0` or `host`. */
  readonly device: string;
  readonly value: number;
}

/** How sources reach the node they read from: replaced in tests, and where the engine runs elsewhere. */
export interface Probe {
  /** The output of a program; throws when there is none such, it fails, or the deadline passes. */
  run(argv: readonly [string, ...string[]], signal: AbortSignal): Promise<string>;
  readFile(path: string): Promise<string>;
  list(folder: string): Promise<readonly string[]>;
  fetchText(url: string, signal: AbortSignal): Promise<string>;
}

/** What a source's readings are about. */
export type Subject = 'accelerators' | 'cpu' | 'host' | 'engine';

/** One place that readings come from; one file each in `sources/`. */
export interface TelemetrySource {
  /** Such as `nvidia-smi`. */
  readonly name: string;
  readonly subject: Subject;
  /** Seconds between readings, at least: starting a program costs more than reading a file. */
  readonly intervalS: number;
  /** All readings of this moment. Throws, saying why, when there are none to be had. */
  read(probe: Probe, signal: AbortSignal): Promise<Reading[]>;
}

/** Readings of the values that are numbers; what a tool writes for "none" is none. */
export function readingsOf(device: string, values: Partial<Record<Quantity, number | undefined>>): Reading[] {
  return quantities.flatMap((quantity) => {
    const value = values[quantity];
    return value === undefined || !Number.isFinite(value) ? [] : [{ quantity, device, value }];
  });
}
