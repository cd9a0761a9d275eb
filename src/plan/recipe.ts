import type { TextFile } from '../hosts/index.ts';
import type { MatrixEntry } from '../identity/index.ts';
import type { LauncherKind } from '../launchers/index.ts';
import type { ModelFacts } from '../model-facts.ts';

/** One measurement: an entry at one concurrency, on one kind of hardware. */
export interface Point {
  readonly entry: MatrixEntry;
  /** Requests kept in flight. */
  readonly conc: number;
  /** The `hw` of the published row: the runner pool's name, behind that of its GPU if it does not begin with that. */
  readonly hardware: string;
}

/** A point whose engine is to be started. */
export interface StartPoint extends Point {
  /** How the engine is started; a few public recipes differ by it. */
  readonly launcher: LauncherKind;
  /**
   * The highest concurrency that the same engine start serves: `conc` itself with one start per point. A recipe writes
   * a cap (sequences at most, largest CUDA graph) from this, and everything that shapes the measurement from `conc`.
   */
  readonly maxConc: number;
}

/** The workers of one phase of a disaggregated engine, all alike. */
export interface WorkerSpec {
  readonly role: 'prefill' | 'decode';
  readonly count: number;
  readonly nodesPerWorker: number;
  readonly acceleratorsPerWorker: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files the engine reads at its start, such as TensorRT-LLM's extra options, below its working folder. */
  readonly files: readonly TextFile[];
}

/** What a recipe asks of the server. Points whose servers are equal share one engine start. */
export interface ServerSpec {
  /** The engine's own flags, without model, host and port, which the engine adds; a disaggregated engine's frontend's. */
  readonly args: readonly string[];
  /** Of every process of the engine. */
  readonly env: Readonly<Record<string, string>>;
  /** Files the engine reads at its start, such as TensorRT-LLM's extra options, below its working folder. */
  readonly files: readonly TextFile[];
  /** Accelerators (GPUs, or the one CPU) the server occupies, on all its nodes. */
  readonly acceleratorCount: number;
  /** What a disaggregated engine is made of beside its frontend; absent on one node. */
  readonly disaggregated?: { readonly workers: readonly WorkerSpec[]; readonly frontends: number };
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
  server(point: StartPoint): ServerSpec;
  /** What differs from the public client settings. */
  client?(point: Point): Partial<ClientSettings>;
  /**
   * Fields of entries that came after January's contract and that `server` heeds, such as `pp`: an entry that has one
   * which its recipe does not know would be measured as if it had none, so it is refused.
   */
  readonly heeds?: readonly string[];
  /** Every flag that `server` writes from `maxConc`, with why a larger value measures the same. */
  readonly caps?: Readonly<Record<string, string>>;
  /** Whose it is, if not of this model and hardware: the engine's for any model, or of a server that nobody here starts. */
  readonly of?: RecipeOf;
  /** Why flags are what they are, where that was worked out from the model and the hardware. */
  readonly reasons?: Readonly<Record<string, string>>;
}

export const recipesOf = ['generic', 'unknown'] as const;
export type RecipeOf = (typeof recipesOf)[number];

/** What is known of the model and of the hardware when a recipe for any model is made. */
export interface ServingFacts {
  /** What the config.json of the model says; absent where the model is not on this machine yet. */
  readonly model?: ModelFacts;
  /** Of one accelerator, bytes. */
  readonly memoryBytes?: number;
  readonly hasAccelerators: boolean;
  /** Somebody else runs the server. */
  readonly isRunning: boolean;
}

/** Makes the recipe of an engine for any model, by what is known of this one. */
export type GenericRecipe = (facts: ServingFacts) => Recipe;

/** Nodes that a server occupies. */
export function nodesOf({ disaggregated }: ServerSpec): number {
  if (disaggregated === undefined) return 1;
  return disaggregated.workers.reduce((sum, { count, nodesPerWorker }) => sum + count * nodesPerWorker, 0);
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
