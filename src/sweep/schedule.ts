/** A session waiting for a node. */
export interface WaitingSession {
  readonly id: string;
  /** Lower runs first. */
  readonly priority: number;
  /** Order among sessions of the same priority; lower runs first. */
  readonly rank: number;
  /** Nodes that may run it: its runner's nodes, without quarantined ones and those on which it failed. */
  readonly nodes: readonly string[];
  /** Estimated time in seconds, if known. */
  readonly estimateS?: number;
}

/** All inputs of the next assignments. */
export interface ScheduleState {
  readonly waiting: readonly WaitingSession[];
  /** Nodes on which a session could start right now. */
  readonly free: ReadonlySet<string>;
  /** Remaining time budget in seconds; absent without a budget. */
  readonly remainingS?: number;
}

export interface Assignment {
  readonly sessionId: string;
  readonly node: string;
}

export interface LeftOut {
  readonly sessionId: string;
  readonly why: 'no-node' | 'no-time';
}

/**
 * Decides which waiting session starts on which free node now, and which can never start. Sessions are served
 * by priority and rank, then longest first if several nodes share the work (so that no node works alone at
 * the end), then in the given order. Each takes the free node that the fewest other sessions wait for. No
 * free node stays idle if a session could use it, and a session whose estimate exceeds the remaining time is
 * not started.
 */
export function schedule({ waiting, free, remainingS }: ScheduleState): {
  readonly assignments: readonly Assignment[];
  readonly leftOut: readonly LeftOut[];
} {
  const leftOut: LeftOut[] = [];
  const candidates: WaitingSession[] = [];
  for (const session of waiting) {
    const why = hopeless(session, remainingS);
    if (why === undefined) candidates.push(session);
    else leftOut.push({ sessionId: session.id, why });
  }
  const spread = candidates.some(({ nodes }) => nodes.length > 1);
  const ready = candidates.toSorted(
    (a, b) =>
      a.priority - b.priority ||
      order(a.rank, b.rank) ||
      (spread ? (b.estimateS ?? 0) - (a.estimateS ?? 0) : 0),
  );
  const idle = new Set(free);
  const assignments: Assignment[] = [];
  for (const session of ready) {
    const usable = session.nodes.filter((node) => idle.has(node));
    const [node] = usable.toSorted((a, b) => demand(a, candidates) - demand(b, candidates));
    if (node === undefined) continue;
    idle.delete(node);
    assignments.push({ sessionId: session.id, node });
  }
  return { assignments, leftOut };
}

/** Compares numbers that may both be infinite. */
function order(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function hopeless({ nodes, estimateS }: WaitingSession, remainingS: number | undefined) {
  if (nodes.length === 0) return 'no-node';
  if (remainingS === undefined) return undefined;
  return remainingS <= 0 || (estimateS ?? 0) > remainingS ? 'no-time' : undefined;
}

function demand(node: string, sessions: readonly WaitingSession[]): number {
  return sessions.filter(({ nodes }) => nodes.includes(node)).length;
}
