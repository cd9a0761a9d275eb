/** A turn of a conversation, by its position. */
export interface TurnRef {
  readonly conversation: string;
  readonly turn: number;
}

/** When a turn was recorded to start and end, in milliseconds. */
export interface RecordedTurn extends TurnRef {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * For each turn, the turns of other conversations that had ended when it started: of every conversation the last one,
 * without those that had ended before another of them started. Turns that overlapped do not wait for each other.
 */
export function endedBefore(turns: readonly RecordedTurn[]): ReadonlyMap<RecordedTurn, readonly TurnRef[]> {
  const streams = [...Map.groupBy(turns, ({ conversation }) => conversation).values()];
  return new Map(turns.map((turn) => [turn, lastEnded(turn, streams)]));
}

function lastEnded(target: RecordedTurn, streams: readonly (readonly RecordedTurn[])[]): readonly TurnRef[] {
  const last = streams.flatMap((stream) => {
    if (stream[0]?.conversation === target.conversation) return [];
    let latest: RecordedTurn | undefined;
    for (const turn of stream) {
      if (isBefore(turn, target) && (latest === undefined || byEnd(turn, latest) > 0)) latest = turn;
    }
    return latest === undefined ? [] : [latest];
  });
  return last
    .filter((turn) => !last.some((other) => other !== turn && isBefore(turn, other)))
    .toSorted((a, b) => compareText(a.conversation, b.conversation) || a.turn - b.turn)
    .map(({ conversation, turn }) => ({ conversation, turn }));
}

function isBefore(turn: RecordedTurn, later: RecordedTurn): boolean {
  return turn.startMs < later.startMs && turn.endMs <= later.startMs;
}

function byEnd(a: RecordedTurn, b: RecordedTurn): number {
  return a.endMs - b.endMs || a.startMs - b.startMs || a.turn - b.turn;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
