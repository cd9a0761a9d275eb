import type { z } from 'zod';
import type { MasterConfigs, RunnerPools, YamlReading } from '../config/index.ts';
import type { GeneratedEntry, MultiNodeEntry, SingleNodeEntry } from '../matrix/index.ts';
import type { ChangelogEntry } from './entry.ts';
import type { KeysOfEntry, Modifiers } from './requests.ts';

/** Configs and the pools that they run on. */
export interface Configured {
  readonly configs: MasterConfigs;
  readonly pools: RunnerPools;
}

/** What both sides of a change are. */
export interface Sides {
  readonly head: Configured;
  /** The configs before the change, which only entries with `append-only` need. */
  readonly base: () => Promise<Configured>;
}

/** The refs that a matrix says it is of, and the entries that were added between them. */
export interface ChangelogMetadata {
  readonly base_ref: string;
  readonly head_ref: string;
  readonly entries: readonly ChangelogEntry[];
}

type ByShape<Entry> = Readonly<Record<string, readonly Entry[]>>;

/** What a change requests to measure again, in the form of January (contract §3). */
export interface JanuaryRerun {
  readonly single_node: ByShape<SingleNodeEntry>;
  readonly multi_node: ByShape<MultiNodeEntry>;
  readonly changelog_metadata: ChangelogMetadata;
}

/** The same in the August format (contract F4): traces are a shape, too, and accuracy checks are separate. */
export interface AugustRerun {
  readonly single_node: ByShape<GeneratedEntry>;
  readonly multi_node: ByShape<GeneratedEntry>;
  readonly evals: readonly GeneratedEntry[];
  readonly agentic_evals: readonly GeneratedEntry[];
  readonly multinode_evals: readonly GeneratedEntry[];
  readonly multinode_agentic_evals: readonly GeneratedEntry[];
  readonly changelog_metadata: ChangelogMetadata;
}

export type Rerun = JanuaryRerun | AugustRerun;

/** Added entries, and the options of the sweep. */
export interface Additions {
  readonly added: readonly KeysOfEntry[];
  readonly refs: { readonly base: string; readonly head: string };
  readonly modifiers: Modifiers;
}

/** What an entry requests: config keys by what is done with them. */
export interface AskedKeys extends KeysOfEntry {
  readonly throughput: readonly string[];
  readonly evals: readonly string[];
}

/** How the changelog of one contract is read, and what its entries request for. */
export interface ChangelogContract {
  /** The contract of the configs that it goes with. */
  readonly name: string;
  readonly reading: YamlReading;
  readonly entry: z.ZodType<ChangelogEntry>;
  /** Whether every line with text stays as it is, to the byte. */
  readonly linesStay: boolean;
  /** What each entry requests that no entry before it did. */
  asked(additions: Additions): AskedKeys[];
  /** The matrix, in the public format. */
  rerun(additions: Additions, sides: Sides): Promise<Rerun>;
  /** What of the matrix is measured, in the order in which it is asked for. */
  measured(additions: Additions, sides: Sides): Promise<readonly GeneratedEntry[]>;
}
