import { defined } from '../defined/defined.ts';
import type { Failure } from '../failures/index.ts';

/**
 * Adds to a failure the cluster nodes on which it happened: those that it names, or the only one of the
 * session.
 * @param chosen The nodes that the cluster chose for the session; empty if the sweep chose the node.
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

/**
 * The key under which repeated failures are counted: the nodes on which they happened, or the sweep's node.
 */
export function whereOf({ nodes }: Failure, node: string): string {
  return nodes?.join(',') ?? node;
}

/** The fields of a failure that the journal keeps. */
export function journaled({ engineEnded: _, nodes, ...failure }: Failure) {
  return { ...failure, ...defined({ nodes: nodes === undefined ? undefined : [...nodes] }) };
}
