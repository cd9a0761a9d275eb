import type { FailureClass } from '../failures/index.ts';
import type { Host, Runner, TextFile } from '../hosts/index.ts';
import type { NodeExporter, RedfishAccess } from '../telemetry/index.ts';

/**
 * The resources that a session needs before its engine starts. They are held from its first engine start to its last.
 */
export interface ReserveRequest {
  /** Used in the launcher's records and error messages. */
  readonly sessionId: string;
  /** As in the config; launchers without containers leave it to `src/provision/`. */
  readonly image: string;
  /** GPUs (or the one CPU) that the engine uses on each node. */
  readonly acceleratorCount: number;
  /** Nodes the engine spans. */
  readonly nodeCount: number;
  /** The session's folder, and the engine's working folder. Every node of the session must see it. */
  readonly workDir: string;
  /** Names of nodes that the session must not get; used only if the place chooses nodes. */
  readonly exclude?: readonly string[];
}

/**
 * One process group of a multi-node engine: `tasksPerNode` processes with the same command on each of `nodes`. In
 * `argv`, `env` and `files`, `{host:N}` is replaced by the name of node N of the reservation.
 */
export interface LaunchedStep {
  /** Unique within the engine, such as `prefill-0` or `frontend-1`. */
  readonly name: string;
  /** Indexes into the reservation's nodes. */
  readonly nodes: readonly number[];
  readonly tasksPerNode: number;
  /** Whether the processes of the step form one MPI job. */
  readonly mpi: boolean;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Written into the working folder before the step starts, in addition to the engine's files. */
  readonly files?: readonly TextFile[];
}

/** One start of a session's engine. */
export interface LaunchRequest {
  readonly sessionId: string;
  /** The engine's command; empty if the engine has `steps`. */
  readonly argv: readonly string[];
  /** Added to the variables of the pool and the launcher. */
  readonly env: Readonly<Record<string, string>>;
  readonly files?: readonly TextFile[];
  /** The steps of a multi-node engine, in start order; node 0 answers requests. */
  readonly steps?: readonly LaunchedStep[];
  /** The address that the engine listens on. */
  readonly host: string;
  readonly port: number;
  /** The engine's stdout and stderr are appended here. */
  readonly logPath: string;
}

/** A step that takes a while; reported when it starts, and again when `what` changes. */
export interface LaunchProgress {
  /** Completes "waiting for …". */
  readonly what: string;
  /** Timeout in seconds. */
  readonly timeoutS: number;
}

export interface LaunchContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LaunchProgress) => void;
}

/** Why an engine ended, if the place knows more than the exit code. */
export interface ExitReason {
  readonly failureClass: FailureClass;
  readonly message: string;
}

/** How an engine ended. */
export interface EngineExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly reason?: ExitReason;
  /** The log of the step that ended first, if the engine has several. */
  readonly logPath?: string;
  /** The nodes of that step, by the place's names. */
  readonly nodes?: readonly string[];
  /** Number of processes that the kernel killed because memory ran out while the engine ran; absent if zero. */
  readonly kernelKills?: number;
}

/** An engine that was started; it may not be ready yet. */
export interface RunningEngine {
  /** The URL for the load generator. */
  readonly baseUrl: string;
  readonly logPath: string;
  /** The logs of its steps, if it has several; `logPath` then has only messages about the engine as a whole. */
  readonly stepLogs?: readonly { readonly name: string; readonly path: string }[];
  /** Accelerators that the pool declares for each of its nodes. */
  readonly acceleratorsPerNode?: number;
  /** Faults that its nodes' tools report for the accelerators; undefined if there are none. */
  readonly deviceTrouble?: () => Promise<string | undefined>;
  /** Describes how busy its accelerators are; undefined if unknown. */
  readonly deviceActivity?: () => Promise<string | undefined>;
  /** Describes what its processes are doing; their stacks are written next to its log. Undefined if unknown. */
  readonly processActivity?: () => Promise<string | undefined>;
  /** Describes which process holds a lock file that the engine waits for; undefined if unknown. */
  readonly lockHolder?: (path: string) => Promise<string | undefined>;
  /** Resolves when the engine has ended for any reason, or its node was lost. */
  readonly exited: Promise<EngineExit>;
  /**
   * A text that identifies the sockets listening on the engine's port; it changes if another process takes over.
   * Undefined if unknown, absent if the place cannot tell. Throws EngineFailure if the listener is not the engine.
   */
  readonly listener?: (() => Promise<string | undefined>) | undefined;
  /** Stops the engine and everything it started; safe to call more than once. */
  stop(): Promise<void>;
}

/** Identifies the exact image behind a name. */
export interface ImageIdentity {
  /** Docker's image id; for an image file, its checksum. */
  readonly id: string;
  /** The registry's digest; absent if the image did not come from a registry. */
  readonly digest?: string;
}

/** Files that an engine writes below its working folder. */
export interface WorkFiles {
  /** The files below a subfolder, as paths relative to it, without hidden ones. Throws HostFailure. */
  list(folder: string): Promise<readonly string[]>;
  /** Moves one of them to `target` on this machine, or copies it if it cannot be removed. Throws HostFailure. */
  take(file: string, target: string, context: { readonly signal: AbortSignal }): Promise<void>;
}

/** The exporters of the nodes of a reservation. Reading one that cannot be reached throws the reason. */
export interface ReachedExporters {
  readonly exporters: readonly NodeExporter[];
  close(): Promise<void>;
}

/** What a session holds from its first engine start to its last: a Slurm allocation, a pulled image. */
export interface Reservation {
  /** Node names as the place defines them. */
  readonly nodes: readonly string[];
  /** The engine's first node, outside its container; power and GPU samplers run here. */
  readonly node: Host;
  /** The image that its engines run, if the place can identify it. */
  readonly image?: ImageIdentity | undefined;
  /** The management controllers of its nodes, if its pool names them. */
  readonly redfish?: RedfishAccess | undefined;
  /** The DCGM exporters of its nodes, until `close`; undefined if its pool names none, absent for an external server. */
  readonly exporters?: (context: { readonly signal: AbortSignal }) => Promise<ReachedExporters | undefined>;
  /** Absent for an external server. */
  readonly workFiles?: WorkFiles;
  /** Throws EngineFailure if the place refuses, InputError if the port is in use. */
  start(request: LaunchRequest, context: LaunchContext): Promise<RunningEngine>;
  /** Releases everything, whatever its state; safe to call more than once. */
  release(): Promise<void>;
}

/** An engine of an earlier run that outlived its InferenceMAX process. */
export interface EndedOrphan {
  readonly sessionId: string;
  readonly port: number;
}

/** Starts and stops engines in one kind of place. */
export interface Launcher {
  /**
   * What it runs: an entry's `image` as a container, an engine provisioned into this machine's cache, or an installed
   * engine.
   */
  readonly runs: 'containers' | 'provisioned engines' | 'installed engines';
  /** Where to look for installed engines; absent unless it runs them. Throws EngineFailure on host failures. */
  readonly installedOn?: Runner & Pick<Host, 'destination'>;
  /** Whether the place chooses the nodes of a reservation, from all that `exclude` does not name. */
  readonly choosesNodes?: boolean;
  /** Stops what dead runs left behind. It goes by their records, never by process names. */
  endOrphans(): Promise<readonly EndedOrphan[]>;
  /** Takes the resources of a session. Throws EngineFailure if they are not available by the deadline. */
  reserve(request: ReserveRequest, context: LaunchContext): Promise<Reservation>;
}
