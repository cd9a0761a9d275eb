import type { Launcher } from '../launchers/index.ts';
import type { EngineSession, LauncherKind } from '../plan/index.ts';

/** A machine that may contain several nodes. */
export interface Machine {
  readonly name: string;
  /** Whether it has accelerators. Every engine may use all of them, so its nodes are used one at a time. */
  readonly hasAccelerators: boolean;
}

/** A runner node, as reached through one of its pools. */
export interface SweepNode {
  readonly name: string;
  /** The pool through which it is reached; a node may be in several. */
  readonly pool: string;
  readonly launcher: Launcher;
  /** The kind of its launcher, on which a session's server may depend. */
  readonly launcherKind: LauncherKind;
  /** The address on which engines listen. */
  readonly host: string;
  readonly port: number;
  /** The machine of its engines, if several nodes may be on one; absent if each node is its own machine. */
  readonly machine?: Machine;
  /** Environment that the node's launcher adds for every engine, without secrets. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The nodes that a session may use: all of a pool, or the named one. Of several nodes with the same
 * accelerators of the same machine, only the first of a pool counts.
 */
export function nodesFor<Node extends Pick<SweepNode, 'name' | 'pool' | 'machine'>>(
  { hardware, pool = hardware, runner }: Pick<EngineSession, 'hardware' | 'pool' | 'runner'>,
  nodes: readonly Node[],
): Node[] {
  const own = nodes.filter((node) => node.pool === pool);
  if (runner !== pool) return own.filter(({ name }) => name === runner);
  return own.filter((node, index) => sameAccelerators(node, own.slice(0, index)) === undefined);
}

/** The node that has the same accelerators of the same machine, if any. */
export function sameAccelerators<Node extends Pick<SweepNode, 'machine'>>(
  { machine }: Pick<SweepNode, 'machine'>,
  others: readonly Node[],
): Node | undefined {
  if (machine?.hasAccelerators !== true) return undefined;
  return others.find(
    (other) => other.machine?.hasAccelerators === true && other.machine.name === machine.name,
  );
}

/** What an engine uses exclusively on a node. Nodes with a common claim are never used at the same time. */
export function claimsOf({ name, machine, port }: Pick<SweepNode, 'name' | 'machine' | 'port'>): string[] {
  if (machine === undefined) return [name];
  return [
    name,
    `port ${port} of ${machine.name}`,
    ...(machine.hasAccelerators ? [`accelerators of ${machine.name}`] : []),
  ];
}
