import type { AgentConversation, SessionTree } from './sessions.ts';

/** A conversation that goes on after the start point. */
export interface LiveStream {
  readonly conversation: string;
  readonly nextTurn: number;
  /** From the start point to the recorded start of that turn. */
  readonly offsetMs: number;
  /** The root waits for children that are live, too. */
  readonly waits: boolean;
  /** The root's turn that waits: of a child for it, of a waiting root its next one. */
  readonly joinsTurn: number | undefined;
  /** The branch that started it. */
  readonly branch: string | undefined;
}

/** A recorded session at one moment. */
export interface TreeSnapshot {
  readonly atMs: number;
  readonly streams: readonly LiveStream[];
  /** The turns of each conversation that are over, if there are any. */
  readonly done: ReadonlyMap<string, number>;
}

/** The first and last recorded start of any turn, in milliseconds; undefined without recorded times. */
export function startsOf({ root, children }: SessionTree): readonly [number, number] | undefined {
  const starts = [root, ...children].flatMap(({ turns }) =>
    turns.flatMap(({ startMs }) => (startMs === undefined ? [] : [startMs])),
  );
  return starts.length === 0 ? undefined : [Math.min(...starts), Math.max(...starts)];
}

/**
 * What is going on in a session at a moment: the root and the children that have turns left, unless their branch starts
 * later. Undefined if nothing could be sent next.
 */
export function snapshotAt(tree: SessionTree, atMs: number): TreeSnapshot | undefined {
  const { root, children, branches } = tree;
  const rootNext = nextTurnAt(root, atMs);
  const conversations = new Map(children.map((child) => [child.id, child]));
  const joins = new Set<number>();
  const live = branches.flatMap(({ id, children: names, startMs }): readonly LiveStream[] => {
    const spawnedBy = root.turns.findIndex(({ spawns }) => spawns.includes(id));
    const joinedBy = root.turns.findIndex(({ joins: waited }) => waited.includes(id));
    if (atMs < startMs && !isOver(root, spawnedBy, rootNext, atMs)) return [];
    const streams = names.flatMap((name): readonly LiveStream[] => {
      const child = conversations.get(name);
      const nextTurn = child === undefined ? undefined : nextTurnAt(child, atMs);
      if (child === undefined || nextTurn === undefined) return [];
      const joinsTurn = joinedBy === -1 ? undefined : joinedBy;
      return [
        {
          conversation: name,
          nextTurn,
          offsetMs: offsetOf(child, nextTurn, atMs),
          waits: false,
          joinsTurn,
          branch: id,
        },
      ];
    });
    if (streams.length > 0 && joinedBy !== -1) joins.add(joinedBy);
    return streams;
  });
  const waits = rootNext !== undefined && joins.has(rootNext);
  const ofRoot: readonly LiveStream[] =
    rootNext === undefined
      ? []
      : [
          {
            conversation: root.id,
            nextTurn: rootNext,
            offsetMs: offsetOf(root, rootNext, atMs),
            waits,
            joinsTurn: waits ? rootNext : undefined,
            branch: undefined,
          },
        ];
  const streams = [...ofRoot, ...live];
  if (streams.every((stream) => stream.waits)) return undefined;
  const done = [root, ...children].flatMap((conversation) => {
    const turns = nextTurnAt(conversation, atMs) ?? conversation.turns.length;
    return turns === 0 ? [] : [[conversation.id, turns] as const];
  });
  return { atMs, streams, done: new Map(done) };
}

/** The first turn that starts at that moment or later. */
function nextTurnAt({ turns }: AgentConversation, atMs: number): number | undefined {
  const index = turns.findIndex(({ startMs }) => startMs !== undefined && startMs >= atMs);
  return index === -1 ? undefined : index;
}

function isOver(root: AgentConversation, turn: number, next: number | undefined, atMs: number): boolean {
  const startMs = root.turns[turn]?.startMs;
  return startMs !== undefined && atMs >= startMs && (next === undefined || next > turn);
}

function offsetOf({ turns }: AgentConversation, turn: number, atMs: number): number {
  return Math.max(0, (turns[turn]?.startMs ?? atMs) - atMs);
}
