import type { Fault } from '../errors.ts';

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
}

/** An engine on the disk. */
export interface ProvisionedEngine {
  readonly directory: string;
  readonly reference: string;
  /** What identifies the exact code, such as an npm integrity. */
  readonly digest: string;
}

/** Weights on the disk. */
export interface ProvisionedModel {
  readonly path: string;
  readonly reference: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Brings engines from one kind of place. */
export interface EngineSource {
  readonly example: string;
  accepts(reference: string): boolean;
  /** What is wrong with a reference that it accepts, as far as that can be seen without fetching anything. */
  fault(reference: string): Fault | undefined;
  provision(reference: string, context: ProvisionContext): Promise<ProvisionedEngine>;
}

/** What is wrong with a model. */
export interface ModelFault extends Fault {
  /** It may be right on another machine. */
  readonly onlyHere?: true;
}

/** Brings weights from one kind of place. */
export interface ModelSource {
  readonly example: string;
  accepts(reference: string): boolean;
  /** What is wrong with a reference that it accepts, as far as that can be seen without fetching anything. */
  fault(reference: string): Promise<ModelFault | undefined>;
  /** Why an engine in a container or on another host, which is given the reference as it is, cannot use it. */
  faultElsewhere(reference: string): Fault | undefined;
  provision(reference: string, context: ProvisionContext): Promise<ProvisionedModel>;
}
