import type { EndFacts, Explanation, KnownFailure } from '../failures/index.ts';
import type { LaunchedStep } from '../launchers/index.ts';
import type { BackendName } from '../load/index.ts';
import type { ServerSpec, WorkerSpec } from '../plan/index.ts';
import type { MetricNames } from '../telemetry/index.ts';

/** What is needed to start one engine. */
export interface EngineCommandRequest {
  /** Where the engine was provisioned; absent where it comes in a container image. */
  readonly engineDir?: string;
  /** The program that starts it, of an engine that was installed by somebody else. */
  readonly program?: string;
  /** A path or a model hub's name, as the engine will see it. */
  readonly modelPath: string;
  /** The name by which clients ask for the model. */
  readonly servedModelName: string;
  readonly host: string;
  readonly port: number;
  /** The recipe's flags. */
  readonly args: readonly string[];
}

/** The command line of one process, and the engine's own part of its environment: a recipe's values win over it. */
export interface EngineCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What is needed to start an engine of several nodes. */
export interface EngineStepsRequest extends Omit<EngineCommandRequest, 'args'> {
  readonly server: ServerSpec;
}

/** One process group of an engine of several nodes, as its engine says it. */
export interface EngineStep extends LaunchedStep {
  /** The worker that the step is a part of, whose environment it gets; absent for frontends and services. */
  readonly worker?: WorkerSpec;
}

/** Where an engine publishes its own figures in Prometheus' text format, and what it calls them. */
export interface EngineMetrics extends MetricNames {
  readonly path: string;
  /** What publishes them, where that is not the engine itself. */
  readonly publisher?: string;
  /** What has to be set for them to be published, such as a flag. */
  readonly enabledBy?: string;
}

/** The shapes by which charts tell engines apart without colour. */
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

/** What a serving framework is called and drawn as. */
export interface EngineName {
  /** As configs and rows write it. */
  readonly framework: string;
  /** For people. */
  readonly title: string;
  readonly marker: Marker;
}

/** One serving framework: how it is told its flags, when it is ready, how it is asked, and what its end means. */
export interface Engine extends EngineName {
  /** What the public project's results call it, where that is not what its configs do. */
  readonly publishedAs?: Pick<EngineName, 'framework' | 'title'>;
  /** The backend of the load generator that speaks the engine's protocol. */
  readonly protocol: BackendName;
  readonly readiness: {
    /** The path that answers 200 once requests can be served. */
    readonly path: string;
    /** How long loading the weights may take, seconds. */
    readonly timeoutS: number;
  };
  /**
   * What estimates assume of a start that was never recorded, seconds: container, imports, compilation and graph
   * capture, without reading the weights.
   */
  readonly assumedInitS: number;
  /** How weights must lie on the disk, where not as the file that their reference names: GGUF files are converted. */
  readonly weights?: 'hugging-face';
  readonly metrics?: EngineMetrics;
  /** How it is found where somebody else has installed it; absent if it only comes in containers or packages of ours. */
  readonly installed?: {
    /** The program that starts its server. */
    readonly program: string;
    /** The Python packages that it may be. */
    readonly packages?: readonly string[];
  };
  /** Where a running server says which version it is: a path, and the field of its JSON. */
  readonly version?: { readonly path: string; readonly field: string };
  /** The flags by which it makes weights up, which are then not read. */
  readonly dummyWeights?: readonly string[];
  command(request: EngineCommandRequest): EngineCommand;
  /** The processes of a disaggregated server, in the order in which they are started; node 0 answers requests. */
  steps?(request: EngineStepsRequest): readonly EngineStep[];
  /** What its log says about why it failed: `explainLog`, unless the engine has a way of its own. `more` are the user's rows. */
  explainExit(log: string, facts?: EndFacts, more?: readonly KnownFailure[]): Explanation | undefined;
}
