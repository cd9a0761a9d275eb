import type { TextFile } from '../hosts/index.ts';
import { isOfAugust, type MatrixEntry } from '../identity/index.ts';
import type { LauncherKind } from '../launchers/index.ts';
import type { ModelFacts } from '../model-facts.ts';

/** One measurement: an entry at one concurrency, on one kind of hardware. */
export interface Point {
  readonly entry: MatrixEntry;
  /** Concurrency: requests in flight. */
  readonly conc: number;
  /**
   * The `hw` of the published row: the runner pool's name, prefixed with that of its GPU if it does not start
   * with it.
   */
  readonly hardware: string;
}

/** A point whose engine is about to be started. */
export interface StartPoint extends Point {
  /** The launcher of the engine; a few public recipes depend on it. */
  readonly launcher: LauncherKind;
  /**
   * The highest concurrency that the same engine start serves; `conc` itself with one start per point. A
   * recipe derives limits (such as the maximum number of sequences or the largest CUDA graph) from this, and
   * everything that affects the measurement from `conc`.
   */
  readonly maxConc: number;
}

/** Identical workers of one phase of a disaggregated engine. */
export interface WorkerSpec {
  readonly role: 'prefill' | 'decode';
  readonly count: number;
  readonly nodesPerWorker: number;
  readonly acceleratorsPerWorker: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /**
   * Files that the engine reads at start, such as TensorRT-LLM's extra options, relative to its working
   * directory.
   */
  readonly files: readonly TextFile[];
}

/** The server that a recipe requests. Points with equal servers share one engine start. */
export interface ServerSpec {
  /**
   * The engine's flags without model, host and port, which the engine adds. For a disaggregated engine, the
   * flags of its frontend.
   */
  readonly args: readonly string[];
  /** Environment of every process of the engine. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Files that the engine reads at start, such as TensorRT-LLM's extra options, relative to its working
   * directory.
   */
  readonly files: readonly TextFile[];
  /** Number of accelerators (GPUs, or 1 for a CPU) that the server occupies on all its nodes. */
  readonly acceleratorCount: number;
  /** Workers and frontends of a disaggregated engine; absent on one node. */
  readonly disaggregated?: { readonly workers: readonly WorkerSpec[]; readonly frontends: number };
}

/** The settings of the load generator for a point. */
export interface ClientSettings {
  readonly numPrompts: number;
  /** Requests that are sent before the measurement and not counted. */
  readonly warmupRequests: number;
  /** Each length is uniform in [ratio·len, len]. */
  readonly randomRangeRatio: number;
  readonly useChatTemplate: boolean;
  readonly seed: number;
}

/** How one (model-prefix, precision, hardware, framework) is served: pure functions of the point. */
export interface Recipe {
  server(point: StartPoint): ServerSpec;
  /** Settings that differ from the public client settings. */
  client?(point: Point): Partial<ClientSettings>;
  /**
   * Entry fields added after the January contract that `server` uses, such as `pp`. An entry with such a
   * field is rejected if its recipe does not list it, because the recipe would ignore the field.
   */
  readonly heeds?: readonly string[];
  /**
   * Every flag that `server` derives from `maxConc`, with the reason why a larger value does not change the
   * measurement.
   */
  readonly caps?: Readonly<Record<string, string>>;
  /**
   * What the recipe is for, if not for this model and hardware: any model of an engine, or an external
   * server.
   */
  readonly of?: RecipeOf;
  /** The reasons for flags that were derived from the model and the hardware. */
  readonly reasons?: Readonly<Record<string, string>>;
}

export const recipesOf = ['generic', 'unknown'] as const;
export type RecipeOf = (typeof recipesOf)[number];

/** Facts about the model and the hardware from which a generic recipe is made. */
export interface ServingFacts {
  /** Facts from the model's config.json; absent if the model is not on this machine yet. */
  readonly model?: ModelFacts;
  /** Memory of one accelerator in bytes. */
  readonly memoryBytes?: number;
  readonly hasAccelerators: boolean;
  /** The server is external. */
  readonly isRunning: boolean;
}

/** Makes an engine's recipe for any model from the facts about this one. */
export type GenericRecipe = (facts: ServingFacts) => Recipe;

/** The number of nodes that a server occupies. */
export function nodesOf({ disaggregated }: ServerSpec): number {
  if (disaggregated === undefined) return 1;
  return disaggregated.workers.reduce((sum, { count, nodesPerWorker }) => sum + count * nodesPerWorker, 0);
}

/**
 * The public client settings (contract §4, F9): 10 prompts per unit of concurrency, lengths in [0.8·len,
 * len], and one warm-up request per unit of concurrency, or two in the August contract.
 */
export function publicClientSettings(point: Point): ClientSettings {
  return {
    numPrompts: 10 * point.conc,
    warmupRequests: (isOfAugust(point.entry) ? 2 : 1) * point.conc,
    randomRangeRatio: 0.8,
    useChatTemplate: false,
    seed: 0,
  };
}

/** The name of an entry's recipe file in `benchmarks/`, without extension. */
export function recipeName(entry: MatrixEntry, hardware: string): string {
  return [entry['model-prefix'], entry.precision, hardware, entry.framework].join('_');
}
