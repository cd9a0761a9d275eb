import type { Launcher } from '../launchers/index.ts';
import type { EngineSession, LauncherKind } from '../plan/index.ts';

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
  /** What the node's launcher adds to the environment of every engine, apart from secrets. */
  readonly env: Readonly<Record<string, string>>;
}

/** The nodes that a session's runner names: all of a pool, or the one. */
export function nodesFor<Node extends Pick<SweepNode, 'name' | 'pool'>>(
  session: EngineSession,
  nodes: readonly Node[],
): Node[] {
  return nodes.filter(
    ({ name, pool }) => pool === session.hardware && (session.runner === pool || session.runner === name),
  );
}
