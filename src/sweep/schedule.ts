/** A session that waits for a node. */
export interface WaitingSession {
  readonly id: string;
  /** Lower runs first. */
  readonly priority: number;
  /** The same among sessions of one priority. */
  readonly rank: number;
  /** Nodes that may run it: those of its runner without those it failed on or that are quarantined. */
  readonly nodes: readonly string[];
  /** How long it will take, seconds, where that can be known. */
  readonly estimateS?: number;
}

/** Everything the next assignments depend on. */
export interface ScheduleState {
  readonly waiting: readonly WaitingSession[];
  /** Nodes on which a session could be started right now. */
  readonly free: ReadonlySet<string>;
  /** What is left of the time budget, seconds; absent where there is none. */
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
 * Which waiting session is started on which free node now, and which can never be started. Sessions are served by
 * priority and rank, then the longest first where several nodes share the work (so that none is left working alone at the end),
 * then in the order given; each takes the free node that the fewest others wait for. No free node is left idle that
 * a session could use, and a session whose estimate does not fit what is left of the time is not started.
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

/** Of numbers that may both be infinite. */
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
