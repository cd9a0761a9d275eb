/** Matrix entries: the points a sweep measures, in the public generator's field names (contract §2). */

/** What single-node and multi-node entries share. */
interface EntryFields {
  readonly image: string;
  readonly model: string;
  readonly 'model-prefix': string;
  readonly precision: string;
  readonly framework: string;
  /** A runner pool, or one runner node. */
  readonly runner: string;
  /** Input sequence length, tokens. */
  readonly isl: number;
  /** Output sequence length, tokens. */
  readonly osl: number;
  readonly 'spec-decoding': string;
  /** Tokens the engine must be able to hold per request. */
  readonly 'max-model-len': number;
  readonly 'exp-name': string;
  readonly disagg: boolean;
}

/** One point: one engine on one node at one concurrency. */
export interface SingleNodeEntry extends EntryFields {
  readonly tp: number;
  readonly ep: number;
  readonly 'dp-attn': boolean;
  readonly conc: number;
}

/** The workers of one phase of a multi-node engine. */
export interface WorkerGroup {
  readonly 'num-worker': number;
  readonly tp: number;
  readonly ep: number;
  readonly 'dp-attn': boolean;
  readonly 'additional-settings'?: readonly string[];
}

/** A list of points measured on one multi-node engine. */
export interface MultiNodeEntry extends EntryFields {
  readonly prefill: WorkerGroup;
  readonly decode: WorkerGroup;
  readonly conc: readonly number[];
}

export type MatrixEntry = SingleNodeEntry | MultiNodeEntry;

export function isMultiNode(entry: MatrixEntry): entry is MultiNodeEntry {
  return 'prefill' in entry;
}

export function isSingleNode(entry: MatrixEntry): entry is SingleNodeEntry {
  return !isMultiNode(entry);
}
