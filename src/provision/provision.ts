import type { Fault } from '../errors.ts';
import type { Finding } from '../finding.ts';

/** What happens while something is provisioned: a phase in words, with bytes where they are known. */
export interface ProvisionProgress {
  /** The reference from the config. */
  readonly reference: string;
  /** What is being done, such as `downloading`. */
  readonly phase: string;
  readonly bytesDone?: number;
  readonly bytesTotal?: number;
}

export interface ProvisionContext {
  /** Where engines and weights are kept, for every sweep on this machine. */
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ProvisionProgress) => void;
  /** Whether every byte of a folder of weights is part of a checksum, which takes as long as reading them. */
  readonly hashWeights?: boolean;
}

/** What is wrong with an engine or a model. */
export interface LocalFault extends Fault {
  /** It may be right on another machine. */
  readonly onlyHere?: true;
}

/** What a source of engines is asked for. */
export interface WantedEngine {
  /** The program that starts the engine's server where somebody else installed it; absent if none is known. */
  readonly program?: string | undefined;
  /** The Python packages that the engine may be, whose version is then its version. */
  readonly packages?: readonly string[] | undefined;
}

/** An engine that can be started, or that runs already. */
export interface ProvisionedEngine {
  readonly reference: string;
  /** The environment or package that it is in, where there is one. */
  readonly directory?: string;
  /** The program that starts it, of an engine that was there already. */
  readonly program?: string;
  /** The address of a server that somebody else runs: nothing is started or stopped. */
  readonly server?: string;
  /** What identifies the exact code, such as an npm integrity. */
  readonly digest?: string;
  /** The version that was found. */
  readonly version?: string;
}

/** What is asked of a model beside its reference. */
export interface WantedModel {
  /** Whether the engine reads a folder as Hugging Face lays it out, and not one GGUF file. */
  readonly asFolder?: boolean;
  /** Whether weights are made up by the engine, so that only the shape and the tokenizer are needed. */
  readonly dummy?: boolean;
  /** Where the hub's own tools keep what they fetched, if that is not where they do by default. */
  readonly hubCache?: string | undefined;
}

/** Weights on the disk. */
export interface ProvisionedModel {
  readonly path: string;
  readonly reference: string;
  /** Of the file; of a folder, of the names and sizes of its files and of what small files say. */
  readonly sha256: string;
  readonly bytes: number;
  /** The commit of the hub's repository, where it comes from there. */
  readonly revision?: string;
  /** Over every byte of a folder, if that was asked for. */
  readonly contentSha256?: string;
}

/**
 * What a source makes of an image: a package is installed, a present engine is used where it is, and a server is left
 * as it is.
 */
export type EngineSourceKind = 'package' | 'present' | 'server';

/** Brings engines from one kind of place. */
export interface EngineSource {
  readonly example: string;
  readonly kind: EngineSourceKind;
  accepts(reference: string): boolean;
  /** What is wrong with a reference that it accepts, as far as that can be seen without fetching anything. */
  fault(reference: string, wanted: WantedEngine): Promise<LocalFault | undefined>;
  /** What it is where it cannot be looked at, such as on another host. */
  unseen?(
    reference: string,
    wanted: WantedEngine,
  ): Pick<ProvisionedEngine, 'directory' | 'program' | 'server'>;
  provision(reference: string, context: ProvisionContext, wanted: WantedEngine): Promise<ProvisionedEngine>;
}

/** Brings weights from one kind of place. */
export interface ModelSource {
  readonly example: string;
  accepts(reference: string): boolean;
  /** What is wrong with a reference that it accepts, as far as that can be seen without fetching anything. */
  fault(reference: string, wanted: WantedModel): Promise<LocalFault | undefined>;
  /** Why an engine in a container or on another host, which is given the reference as it is, cannot use it. */
  faultElsewhere(reference: string): Fault | undefined;
  /** The folder of a model that is on this machine already, to learn its shape from. */
  folderHere?(reference: string, wanted: WantedModel): Promise<string | undefined>;
  /** Whether it could be fetched now, asked of where it is fetched from; absent where it comes from no network. */
  reach?(reference: string, wanted: WantedModel, signal: AbortSignal): Promise<Finding>;
  provision(reference: string, context: ProvisionContext, wanted: WantedModel): Promise<ProvisionedModel>;
}
