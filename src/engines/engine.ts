import type { EndFacts, Explanation, KnownFailure } from '../failures/index.ts';
import type { LaunchedStep } from '../launchers/index.ts';
import type { GeneratingBackend } from '../load/index.ts';
import type { ServerSpec, WorkerSpec } from '../plan/index.ts';
import type { MetricNames } from '../telemetry/index.ts';
import type { ForcedAcceptance } from './parts/forced-acceptance.ts';

/** Inputs for the command of an engine. */
export interface EngineCommandRequest {
  /** Where the engine was provisioned; absent if it is in a container image. */
  readonly engineDir?: string;
  /** The program that starts a preinstalled engine. */
  readonly program?: string;
  /** A path or a hub name, as the engine sees it. */
  readonly modelPath: string;
  /** The model name that clients use. */
  readonly servedModelName: string;
  readonly host: string;
  readonly port: number;
  /** The recipe's flags. */
  readonly args: readonly string[];
}

/** The command line of one process, and the engine's environment variables; those of a recipe override them. */
export interface EngineCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Inputs for the steps of a multi-node engine. */
export interface EngineStepsRequest extends Omit<EngineCommandRequest, 'args'> {
  readonly server: ServerSpec;
}

/** One process group of a multi-node engine. */
export interface EngineStep extends LaunchedStep {
  /** The worker that the step belongs to, whose environment it gets; absent for frontends and services. */
  readonly worker?: WorkerSpec;
}

/** Where an engine exposes metrics in Prometheus text format, and their names. */
export interface EngineMetrics extends MetricNames {
  readonly path: string;
  /** The program that exposes them, if it is not the engine itself. */
  readonly publisher?: string;
  /** What enables them, such as a flag. */
  readonly enabledBy?: string;
}

/** Marker shapes that distinguish engines in charts without colour. */
export const markers = [
  'circle',
  'square',
  'triangle',
  'diamond',
  'star',
  'wye',
  'cross',
  'pentagon',
  'hexagon',
  'triangle-down',
  'triangle-left',
] as const;
export type Marker = (typeof markers)[number];

/** The names and the marker of a serving framework. */
export interface EngineName {
  /** Its name in configs and rows. */
  readonly framework: string;
  /** Its display name. */
  readonly title: string;
  readonly marker: Marker;
}

/** The profiler of an engine that answers `/start_profile` and `/stop_profile`. */
export interface EngineProfiler {
  /** What makes an engine of this image write its traces into a folder, relative to its working folder. */
  settings(
    folder: string,
    image: string,
  ): { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

/** A serving framework: its command, readiness check, protocol and exit codes. */
export interface Engine extends EngineName {
  /** Its name in the public project's results, if it differs from the one in configs. */
  readonly publishedAs?: Pick<EngineName, 'framework' | 'title'>;
  /** The load generator's backend for the engine's protocol. */
  readonly protocol: GeneratingBackend;
  readonly readiness: {
    /** The path that returns 200 once the engine can serve requests. */
    readonly path: string;
    /** Timeout for loading the weights, seconds. */
    readonly timeoutS: number;
  };
  /**
   * Assumed start time for estimates if none was recorded, seconds: container, imports, compilation and graph capture,
   * without reading the weights.
   */
  readonly assumedInitS: number;
  /** The layout of weights on disk, if it is not the file that the reference names; GGUF files are converted. */
  readonly weights?: 'hugging-face';
  readonly metrics?: EngineMetrics;
  /** How to find a preinstalled engine; absent if it is only available in containers or our packages. */
  readonly installed?: {
    /** The program that starts its server. */
    readonly program: string;
    /** The Python packages that may provide it. */
    readonly packages?: readonly string[];
    /** The npm package that provides it. */
    readonly npmPackage?: string;
  };
  /** Where a running server reports its version: a path, and a field of the JSON response. */
  readonly version?: { readonly path: string; readonly field: string };
  /** The path to which a POST empties the prefix cache, if it is enabled. */
  readonly cacheResetPath?: string;
  /** Absent if it has none that clients can start and stop. */
  readonly profiler?: EngineProfiler;
  /** The flags for dummy weights; no weights are read then. */
  readonly dummyWeights?: readonly string[];
  /** How to force the acceptance of drafts; absent if it cannot be forced. */
  readonly forcedAcceptance?: ForcedAcceptance;
  command(request: EngineCommandRequest): EngineCommand;
  /** The processes of a disaggregated server, in start order; node 0 answers requests. */
  steps?(request: EngineStepsRequest): readonly EngineStep[];
  /**
   * Explains a failure from its log: `explainLog`, unless the engine implements its own. `more` are the user's rows.
   */
  explainExit(log: string, facts?: EndFacts, more?: readonly KnownFailure[]): Explanation | undefined;
}
