import type { GpuConstants } from '../../config/index.ts';
import type { Fault, Problem } from '../../errors.ts';
import type { MatrixEntry } from '../../matrix/index.ts';
import type { ChosenRecipe, EngineSession, ServingFacts } from '../../plan/index.ts';
import type { NodePlace } from '../nodes.ts';

/** What is asked to be measured with one engine: the entries of a config, and what is known of where they would run. */
export interface CheckSubject {
  /** The first entry: what every check but that of the layouts looks at is the same for all of them. */
  readonly entry: MatrixEntry;
  readonly entries: readonly MatrixEntry[];
  readonly hardware: string;
  /** The pool that the entries run on. */
  readonly pool: string;
  /** What recipes for any model are made from. */
  readonly facts: ServingFacts;
  /** Which recipe serves the entries, and why it is that one; undefined if none does. */
  readonly chosen: ChosenRecipe | undefined;
  /** The file of the pool; undefined if nothing describes how its nodes are reached. */
  readonly poolFile: string | undefined;
  /** The nodes that the entries would run on, as they are reached. */
  readonly nodes: readonly NodePlace[];
  /** All nodes of the pool, those that are the same machine as another included. */
  readonly everyNode: readonly NodePlace[];
  /** What the recipe makes of the entries; empty if it makes nothing. */
  readonly sessions: readonly EngineSession[];
  /** Why the recipe makes nothing. */
  readonly planning: readonly Problem[];
  /** Whether that is a field of the entries which the recipe does not heed. */
  readonly isUnheeded: boolean;
  /** The GPUs whose constants are known. */
  readonly gpus: readonly GpuConstants[];
}

/**
 * How bad it is: an `error` is refused by everything. Entries that `cannot-plan` can still be generated, and those that
 * `cannot-run` be planned as well. A `warning` may be meant.
 */
export type Severity = 'error' | 'cannot-plan' | 'cannot-run' | 'warning';

/** What a check found. */
export interface Found extends Fault {
  readonly severity: Severity;
  /** The field of the config that it is about, or of the item of the search space that `entry` comes from. */
  readonly field?: string;
  readonly entry?: MatrixEntry;
  /** Where it is, if that is not the config. */
  readonly at?: Pick<Problem, 'file' | 'line' | 'column'>;
}

/** One thing that is looked at before anything is started, by `validate`, `plan`, `doctor` and `run` alike. */
export interface Check {
  readonly name: string;
  /** What is held against what, for people. */
  readonly looksAt: string;
  find(subject: CheckSubject): readonly Found[] | Promise<readonly Found[]>;
}

/** What is wrong for nodes of a subject, each fault once, with the nodes that it is true of in words. */
export async function onNodes<F extends Fault>(
  { nodes, pool }: CheckSubject,
  faultOf: (node: NodePlace) => F | undefined | Promise<F | undefined>,
): Promise<(F & { readonly who: string })[]> {
  const found = new Map<string, { readonly fault: F; readonly nodes: NodePlace[] }>();
  for (const node of nodes) {
    const fault = await faultOf(node);
    if (fault === undefined) continue;
    const key = JSON.stringify([fault, node.launcherKind]);
    const alike = found.get(key) ?? { fault, nodes: [] };
    alike.nodes.push(node);
    found.set(key, alike);
  }
  return [...found.values()].map(({ fault, nodes: own }) => {
    const names = own.length === nodes.length ? '' : `${own.map(({ name }) => name).join(', ')} of `;
    return { ...fault, who: `${names}pool ${pool} (launcher ${own[0]?.launcherKind})` };
  });
}
