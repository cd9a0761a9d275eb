/** What the sweep asks a launcher to start. */
export interface LaunchRequest {
  /** Names the session in the launcher's records and error messages. */
  readonly sessionId: string;
  readonly argv: readonly string[];
  /** Added to the launcher's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly host: string;
  readonly port: number;
  /** The engine's stdout and stderr are appended here. */
  readonly logPath: string;
}

/** How an engine's process ended. */
export interface EngineExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** An engine that was started, ready or not. */
export interface RunningEngine {
  readonly baseUrl: string;
  readonly logPath: string;
  /** Resolves when the engine's process has ended, whoever ended it. */
  readonly exited: Promise<EngineExit>;
  /** Ends the engine and everything it started; safe to call more than once. */
  stop(): Promise<void>;
}

/** An engine of an earlier run that was still alive after its product had died. */
export interface EndedOrphan {
  readonly sessionId: string;
  readonly port: number;
}

/** Starts and stops engines in one kind of place. */
export interface Launcher {
  /** Ends the engines that dead runs left behind, by their records and never by name. */
  endOrphans(): Promise<readonly EndedOrphan[]>;
  start(request: LaunchRequest): Promise<RunningEngine>;
}
