import type { Launcher } from '../launchers/index.ts';
import type { EngineSession, LauncherKind } from '../plan/index.ts';

/** A machine that may have several nodes. */
export interface Machine {
  readonly name: string;
  /** Whether it has accelerators: every engine on it may use all of them, so that its nodes are used one at a time. */
  readonly hasAccelerators: boolean;
}

/** A runner node, as one of its pools reaches it. */
export interface SweepNode {
  readonly name: string;
  /** The pool through which it is reached; a node may be in several. */
  readonly pool: string;
  readonly launcher: Launcher;
  /** What that launcher is, where a session's server differs by it. */
  readonly launcherKind: LauncherKind;
  /** Where engines are told to listen. */
  readonly host: string;
  readonly port: number;
  /** The machine that its engines run on, where nodes may be places of one machine; absent where each is its own. */
  readonly machine?: Machine;
  /** What the node's launcher adds to the environment of every engine, apart from secrets. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The nodes that a session's runner names: all of a pool, or the one. Of nodes that are the same accelerators of the
 * same machine a pool has only the first.
 */
export function nodesFor<Node extends Pick<SweepNode, 'name' | 'pool' | 'machine'>>(
  { hardware, pool = hardware, runner }: Pick<EngineSession, 'hardware' | 'pool' | 'runner'>,
  nodes: readonly Node[],
): Node[] {
  const own = nodes.filter((node) => node.pool === pool);
  if (runner !== pool) return own.filter(({ name }) => name === runner);
  return own.filter((node, index) => sameAccelerators(node, own.slice(0, index)) === undefined);
}

/** The node among others that is the same accelerators of the same machine. */
export function sameAccelerators<Node extends Pick<SweepNode, 'machine'>>(
  { machine }: Pick<SweepNode, 'machine'>,
  others: readonly Node[],
): Node | undefined {
  if (machine?.hasAccelerators !== true) return undefined;
  return others.find(
    (other) => other.machine?.hasAccelerators === true && other.machine.name === machine.name,
  );
}

/** What an engine on a node has for itself, so that nodes with one in common are never used at the same time. */
export function claimsOf({ name, machine, port }: Pick<SweepNode, 'name' | 'machine' | 'port'>): string[] {
  if (machine === undefined) return [name];
  return [
    name,
    `port ${port} of ${machine.name}`,
    ...(machine.hasAccelerators ? [`accelerators of ${machine.name}`] : []),
  ];
}
