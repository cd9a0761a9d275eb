import type { MatrixEntry } from '../matrix/entry.ts';

/** One measurement: an entry at one concurrency, on one kind of hardware. */
export interface Point {
  readonly entry: MatrixEntry;
  /** Requests kept in flight. */
  readonly conc: number;
  /** The runner pool's name, which is also the `hw` of the published row. */
  readonly hardware: string;
}

/** A file the engine reads at its start, such as TensorRT-LLM's extra options. */
export interface ServerFile {
  readonly path: string;
  readonly content: string;
}

/** What a recipe asks of the server. Points whose servers are equal share one engine start. */
export interface ServerSpec {
  /** The engine's own flags, without model, host and port, which the engine adds. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly ServerFile[];
  /** Accelerators (GPUs, or the one CPU) the server occupies. */
  readonly acceleratorCount: number;
}

/** How the load generator drives a point. */
export interface ClientSettings {
  readonly numPrompts: number;
  /** Requests sent and thrown away before the measurement. */
  readonly warmupRequests: number;
  /** Each length is uniform in [ratio·len, len]. */
  readonly randomRangeRatio: number;
  readonly useChatTemplate: boolean;
  readonly seed: number;
}

/** How one (model-prefix, precision, hardware, framework) is served: pure functions of the point. */
export interface Recipe {
  server(point: Point): ServerSpec;
  /** What differs from the public client settings. */
  client?(point: Point): Partial<ClientSettings>;
}

/** The public client settings (contract §4): 10 prompts per unit of concurrency, lengths in [0.8·len, len]. */
export function publicClientSettings(point: Point): ClientSettings {
  return {
    numPrompts: 10 * point.conc,
    warmupRequests: point.conc,
    randomRangeRatio: 0.8,
    useChatTemplate: false,
    seed: 0,
  };
}

/** The file name, without extension, under which `benchmarks/` holds the recipe of an entry. */
export function recipeName(entry: MatrixEntry, hardware: string): string {
  return [entry['model-prefix'], entry.precision, hardware, entry.framework].join('_');
}
