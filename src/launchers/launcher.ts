import type { FailureClass } from '../failures/index.ts';
import type { Host, Runner, TextFile } from '../hosts/index.ts';

/** What a session needs before its engine can be started: kept from its first engine start to its last. */
export interface ReserveRequest {
  /** Names the session in the launcher's records and error messages. */
  readonly sessionId: string;
  /** As the config writes it; launchers that run no containers leave it to provisioning. */
  readonly image: string;
  /** GPUs (or the one CPU) that the engine occupies on each node. */
  readonly acceleratorCount: number;
  /** Nodes the engine spans. */
  readonly nodeCount: number;
  /** The session's own folder: the engine's working folder, seen by every node that runs a part of it. */
  readonly workDir: string;
  /** Nodes that the session must not get, by the names the place gives them; for places that choose nodes themselves. */
  readonly exclude?: readonly string[];
}

/**
 * One process group of an engine of several nodes: `tasksPerNode` processes with the same command on each of `nodes`.
 * `{host:N}` in `argv`, `env` and `files` stands for the name of node N of the reservation.
 */
export interface LaunchedStep {
  /** Unique in the engine, such as `prefill-0` or `frontend-1`. */
  readonly name: string;
  /** Indexes of the reservation's nodes. */
  readonly nodes: readonly number[];
  readonly tasksPerNode: number;
  /** The processes of the step are one MPI job. */
  readonly mpi: boolean;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Written into the working folder before the step starts, beside the engine's own. */
  readonly files?: readonly TextFile[];
}

/** One start of a session's engine. */
export interface LaunchRequest {
  readonly sessionId: string;
  /** The engine's command; empty for an engine of several `steps`. */
  readonly argv: readonly string[];
  /** Added to the pool's and the launcher's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly files?: readonly TextFile[];
  /** Of a multi-node engine, in the order in which they are started; node 0 answers requests. */
  readonly steps?: readonly LaunchedStep[];
  /** The address the engine was told to listen on. */
  readonly host: string;
  readonly port: number;
  /** The engine's stdout and stderr are appended here. */
  readonly logPath: string;
}

/** A step that takes a while; said once when it begins, and again when `what` changes. */
export interface LaunchProgress {
  /** What is waited for, as in "waiting for …". */
  readonly what: string;
  /** After so long it is given up. */
  readonly timeoutS: number;
}

export interface LaunchContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LaunchProgress) => void;
}

/** Why an engine ended, where the place that ran it knows more than the exit code says. */
export interface ExitReason {
  readonly failureClass: FailureClass;
  readonly message: string;
}

/** How an engine ended. */
export interface EngineExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly reason?: ExitReason;
  /** The log of the part of the engine that ended first, where it has several. */
  readonly logPath?: string;
  /** The nodes of that part, by the names the place gives them. */
  readonly nodes?: readonly string[];
  /** Processes of its machine that the kernel ended for memory while it ran; absent where it ended none. */
  readonly kernelKills?: number;
}

/** An engine that was started, ready or not. */
export interface RunningEngine {
  /** Where the load generator reaches it. */
  readonly baseUrl: string;
  readonly logPath: string;
  /** The logs of its parts, where it has several; `logPath` has only what is said of them together. */
  readonly stepLogs?: readonly { readonly name: string; readonly path: string }[];
  /** Accelerators that each of its nodes should have, by its pool. */
  readonly acceleratorsPerNode?: number;
  /** What the tools of its nodes say is wrong with their accelerators now; undefined if nothing is. */
  readonly deviceTrouble?: () => Promise<string | undefined>;
  /** How busy its accelerators are now, in words; undefined if nobody says. */
  readonly deviceActivity?: () => Promise<string | undefined>;
  /** What its processes do now, in words; their stacks are kept beside its log. Undefined if nobody says. */
  readonly processActivity?: () => Promise<string | undefined>;
  /** Who holds a lock file that it waits for, in words; undefined if nobody can tell. */
  readonly lockHolder?: (path: string) => Promise<string | undefined>;
  /** Resolves when the engine has ended, or its node was lost, whoever's doing it was. */
  readonly exited: Promise<EngineExit>;
  /**
   * What listens on the engine's port, as a text that changes if something else does; undefined if it is not known.
   * Throws EngineFailure if that is not the engine. Absent where the place cannot tell.
   */
  readonly listener?: (() => Promise<string | undefined>) | undefined;
  /** Ends the engine and everything it started; safe to call more than once. */
  stop(): Promise<void>;
}

/** Which image exactly a name stands for. */
export interface ImageIdentity {
  /** As docker has it; of an image that is a file, the file's checksum. */
  readonly id: string;
  /** By which its registry knows it; absent of an image that came from no registry. */
  readonly digest?: string;
}

/** What a session holds between its first engine start and its last: a Slurm allocation, an image that was pulled. */
export interface Reservation {
  /** Nodes by the names the place gives them. */
  readonly nodes: readonly string[];
  /** The engine's first node, outside its container, for samplers of power and of GPUs. */
  readonly node: Host;
  /** The image that its engines are started from, where the place says which it is. */
  readonly image?: ImageIdentity | undefined;
  /** Throws EngineFailure when the place refuses, InputError when the port is taken. */
  start(request: LaunchRequest, context: LaunchContext): Promise<RunningEngine>;
  /** Gives everything back, whatever state it is in; safe to call more than once. */
  release(): Promise<void>;
}

/** An engine of an earlier run that was still alive after its product had died. */
export interface EndedOrphan {
  readonly sessionId: string;
  readonly port: number;
}

/** Starts and stops engines in one kind of place. */
export interface Launcher {
  /** An entry's `image` as a container, what was provisioned into the cache of this machine, or what is there already. */
  readonly runs: 'containers' | 'provisioned engines' | 'installed engines';
  /** Where engines that are installed there are looked for; absent where they are not. Throws EngineFailure, too. */
  readonly installedOn?: Runner & Pick<Host, 'destination'>;
  /** Whether the place itself chooses the nodes of a reservation, out of all that `exclude` does not name. */
  readonly choosesNodes?: boolean;
  /** Ends what dead runs left behind, by their records and never by name. */
  endOrphans(): Promise<readonly EndedOrphan[]>;
  /** Takes what a session needs. Throws EngineFailure when it cannot be had by its deadline. */
  reserve(request: ReserveRequest, context: LaunchContext): Promise<Reservation>;
}
