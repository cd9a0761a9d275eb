/** What is needed to start one engine. */
export interface EngineCommandRequest {
  /** Where the engine was provisioned. */
  readonly engineDir: string;
  readonly modelPath: string;
  /** The name by which clients ask for the model. */
  readonly servedModelName: string;
  readonly host: string;
  readonly port: number;
  /** The recipe's flags. */
  readonly args: readonly string[];
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
  command(request: EngineCommandRequest): {
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
  /** What the last lines of its log say about why it ended, when they are recognised. */
  explainExit(logTail: string): string | undefined;
}
