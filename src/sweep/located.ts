import { defined } from '../defined/defined.ts';
import type { Failure } from '../failures/index.ts';

/**
 * A failure with the nodes of a cluster that it happened on: those that it names, or the only one there is.
 * @param chosen The nodes that the cluster chose for the session; none where the sweep chose its node.
 */
export function locatedFailure(failure: Failure, chosen: readonly string[]): Failure {
  const { nodes: _, ...unlocated } = failure;
  if (chosen.length === 0) return unlocated;
  const among = failure.nodes ?? chosen;
  const words = new Set(failure.message.split(/[^\w.-]+/));
  const named = among.filter((name) => words.has(name));
  const nodes = named.length > 0 ? named : among.length === 1 ? among : undefined;
  return { ...unlocated, ...defined({ nodes }) };
}

/** By what name the tries of a failure are counted: the nodes it happened on, or the one that the sweep knows. */
export function whereOf({ nodes }: Failure, node: string): string {
  return nodes?.join(',') ?? node;
}

/** What a journal keeps of a failure. */
export function journaled({ engineEnded: _, nodes, ...failure }: Failure) {
  return { ...failure, ...defined({ nodes: nodes === undefined ? undefined : [...nodes] }) };
}
