import type { EngineStep } from '../launchers/index.ts';
import type { ServerSpec } from '../plan/index.ts';

export type { EngineStep } from '../launchers/index.ts';

/** What is needed to start one engine. */
export interface EngineCommandRequest {
  /** Where the engine was provisioned; absent where it comes in a container image. */
  readonly engineDir?: string;
  /** A path or a model hub's name, as the engine will see it. */
  readonly modelPath: string;
  /** The name by which clients ask for the model. */
  readonly servedModelName: string;
  readonly host: string;
  readonly port: number;
  /** The recipe's flags. */
  readonly args: readonly string[];
}

/** The command line of one process, and what it needs in its environment beside the recipe's. */
export interface EngineCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What is needed to start an engine of several nodes. */
export interface EngineStepsRequest extends Omit<EngineCommandRequest, 'args'> {
  readonly server: ServerSpec;
}

/** Where an engine publishes its own figures in Prometheus' text format, and what it calls them. */
export interface EngineMetrics {
  readonly path: string;
  readonly names: {
    /** Requests being served, and requests waiting for a place. */
    readonly running?: string;
    readonly waiting?: string;
    /** Share of the KV cache in use, 0 to 1. */
    readonly kvCacheUsage?: string;
    /** Counters of tokens since the start. */
    readonly promptTokens?: string;
    readonly generationTokens?: string;
    /** Requests thrown out of a batch for want of KV cache, a counter. */
    readonly preemptions?: string;
    /** Counters of tokens that speculative decoding drafted and that were accepted, or the share of them, 0 to 1. */
    readonly specDraftedTokens?: string;
    readonly specAcceptedTokens?: string;
    readonly specAcceptance?: string;
  };
}

/** How one serving framework is told its flags, when it is ready, and what its failures mean. */
export interface Engine {
  /** As configs write it. */
  readonly framework: string;
  /** The path that answers 200 once requests can be served. */
  readonly healthPath: string;
  /** How long loading the weights may take, seconds. */
  readonly readyTimeoutS: number;
  /** The protocol the load generator speaks to it. */
  readonly loadBackend: 'openai';
  /** How weights must lie on the disk, where not as the file that their reference names: GGUF files are converted. */
  readonly weights?: 'hugging-face';
  readonly metrics?: EngineMetrics;
  command(request: EngineCommandRequest): EngineCommand;
  /** The processes of a disaggregated server, in the order in which they are started; node 0 answers requests. */
  steps?(request: EngineStepsRequest): readonly EngineStep[];
  /** What the last lines of its log say about why it ended, when they are recognised. */
  explainExit(logTail: string): string | undefined;
}
