import type { GpuConstants } from '../../config/index.ts';
import type { ErrorCode } from '../../error-codes.ts';
import type { Fault, Problem } from '../../errors.ts';
import type { MatrixEntry } from '../../matrix/index.ts';
import type { ChosenRecipe, EngineSession, ServingFacts } from '../../plan/index.ts';
import type { NodePlace } from '../nodes.ts';

/** What a check examines: entries of one config for one engine, and the nodes where they would run. */
export interface CheckSubject {
  /** The first entry. It represents all of them, except in the check of layouts. */
  readonly entry: MatrixEntry;
  readonly entries: readonly MatrixEntry[];
  readonly hardware: string;
  /** The pool of the entries. */
  readonly pool: string;
  /** The facts from which generic recipes are made. */
  readonly facts: ServingFacts;
  /** The recipe of the entries and the reason for it; undefined if there is none. */
  readonly chosen: ChosenRecipe | undefined;
  /** The pool's file; undefined if the pool has none. */
  readonly poolFile: string | undefined;
  /** The nodes on which the entries would run. */
  readonly nodes: readonly NodePlace[];
  /** All nodes of the pool, including those that are the same machine as another one. */
  readonly everyNode: readonly NodePlace[];
  /** The sessions that the recipe plans; empty if planning failed. */
  readonly sessions: readonly EngineSession[];
  /** The problems because of which planning failed. */
  readonly planning: readonly Problem[];
  /** Whether planning failed because the recipe does not use a field of the entries. */
  readonly isUnheeded: boolean;
  /** The GPUs with known constants. */
  readonly gpus: readonly GpuConstants[];
}

/**
 * The severity of a finding. An `error` is always refused. Entries that `cannot-plan` can still be generated,
 * and those that `cannot-run` can also be planned. A `warning` may be intended.
 */
export type Severity = 'error' | 'cannot-plan' | 'cannot-run' | 'warning';

/** A finding of a check. */
export interface Found extends Fault {
  readonly severity: Severity;
  /** The field of the config, or of the search-space item of `entry`, that the finding is about. */
  readonly field?: string;
  readonly entry?: MatrixEntry;
  /** The place of the problem, if it is not in the config. */
  readonly at?: Pick<Problem, 'file' | 'line' | 'column'>;
}

/** One check before anything is started, used by `validate`, `plan`, `doctor` and `run` alike. */
export interface Check {
  readonly name: string;
  /** The code of what it finds; default: `bad-config`. */
  readonly code?: ErrorCode;
  /** What is compared with what, in words. */
  readonly looksAt: string;
  find(subject: CheckSubject): readonly Found[] | Promise<readonly Found[]>;
}

/** Finds faults of a subject's nodes; each fault is returned once, with its nodes in words. */
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
