import type { Fault } from '../errors.ts';
import type { Finding } from '../finding.ts';

/** Progress of provisioning: a phase, with bytes if they are known. */
export interface ProvisionProgress {
  /** The reference in the config. */
  readonly reference: string;
  /** The current activity, such as `downloading`. */
  readonly phase: string;
  readonly bytesDone?: number;
  readonly bytesTotal?: number;
}

export interface ProvisionContext {
  /** The cache directory for engines and weights, shared by all sweeps on this machine. */
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ProvisionProgress) => void;
  /** Whether to compute a checksum over every byte of a folder of weights, which takes as long as reading them. */
  readonly hashWeights?: boolean;
}

/** What is wrong with an engine or a model. */
export interface LocalFault extends Fault {
  /** It may be fine on another machine. */
  readonly onlyHere?: true;
}

/** Requirements for an engine. */
export interface WantedEngine {
  /** The program that starts the server of a preinstalled engine; absent if unknown. */
  readonly program?: string | undefined;
  /** The Python packages that provide the engine; the package's version is the engine's version. */
  readonly packages?: readonly string[] | undefined;
}

/** An engine that can be started, or that is already running. */
export interface ProvisionedEngine {
  readonly reference: string;
  /** Its environment or package folder, if it has one. */
  readonly directory?: string;
  /** The program that starts it, for a preinstalled engine. */
  readonly program?: string;
  /** The address of an external server; nothing is started or stopped. */
  readonly server?: string;
  /** Identifies the exact code, such as an npm integrity hash. */
  readonly digest?: string;
  /** The version that was found. */
  readonly version?: string;
}

/** Requirements for a model besides its reference. */
export interface WantedModel {
  /** Whether the engine reads a folder in Hugging Face layout, not a single GGUF file. */
  readonly asFolder?: boolean;
  /** Whether the engine uses dummy weights, so that only the shape and the tokenizer are needed. */
  readonly dummy?: boolean;
  /** The cache of the hub's own tools, if it is not in the default place. */
  readonly hubCache?: string | undefined;
}

/** Weights on disk. */
export interface ProvisionedModel {
  readonly path: string;
  readonly reference: string;
  /** For a file, its checksum; for a folder, a digest over names, sizes, and the content of small files. */
  readonly sha256: string;
  readonly bytes: number;
  /** The commit of the hub's repository, if it comes from there. */
  readonly revision?: string;
  /** A checksum over every byte of a folder, if requested. */
  readonly contentSha256?: string;
}

/** How a source provides an image: it installs a package, uses a present engine in place, or uses a running server. */
export type EngineSourceKind = 'package' | 'present' | 'server';

/** Provides engines from one kind of source. */
export interface EngineSource {
  readonly example: string;
  readonly kind: EngineSourceKind;
  accepts(reference: string): boolean;
  /** What is wrong with a reference that it accepts, as far as can be checked without downloading. */
  fault(reference: string, wanted: WantedEngine): Promise<LocalFault | undefined>;
  /** Facts about the engine if it cannot be inspected, for example on another host. */
  unseen?(
    reference: string,
    wanted: WantedEngine,
  ): Pick<ProvisionedEngine, 'directory' | 'program' | 'server'>;
  provision(reference: string, context: ProvisionContext, wanted: WantedEngine): Promise<ProvisionedEngine>;
}

/** Provides weights from one kind of source. */
export interface ModelSource {
  readonly example: string;
  accepts(reference: string): boolean;
  /** What is wrong with a reference that it accepts, as far as can be checked without downloading. */
  fault(reference: string, wanted: WantedModel): Promise<LocalFault | undefined>;
  /** Explains why an engine in a container or on another host, which gets the reference unchanged, cannot use it. */
  faultElsewhere(reference: string): Fault | undefined;
  /** The folder of a model that is already on this machine, for reading its shape. */
  folderHere?(reference: string, wanted: WantedModel): Promise<string | undefined>;
  /** Checks whether it can be downloaded now; absent if it does not come from a network. */
  reach?(reference: string, wanted: WantedModel, signal: AbortSignal): Promise<Finding>;
  provision(reference: string, context: ProvisionContext, wanted: WantedModel): Promise<ProvisionedModel>;
}
