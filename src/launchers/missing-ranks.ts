/** How multi-worker engines mark the rank in log lines, such as `[RANK 3]`, `Worker_TP3`, ` TP3]` or `rank=3`. */
const rankOf =
  /\[RANK (\d+)\]|\bWorker_(?:[A-Z]+\d+_)*?TP(\d+)|\bTP(\d+)\]|\b(?:local_|global_)?rank[ =:]+(\d+)/i;

/** A line that most ranks have logged and some have not. */
export interface MissingRanks {
  readonly ranks: readonly number[];
  /** The line, as another rank logged it. */
  readonly line: string;
}

/**
 * Finds the ranks that have not logged the last line that more than half of the ranks have: the others wait for these.
 * Undefined if lines have no ranks, or if all ranks have logged the same.
 */
export function missingRanks(log: string): MissingRanks | undefined {
  const ranks = new Set<number>();
  const said = new Map<string, { readonly by: Set<number>; readonly line: string; last: number }>();
  for (const [index, line] of log.split('\n').entries()) {
    const match = rankOf.exec(line);
    const rank = match?.slice(1).find((group) => group !== undefined);
    if (match === null || rank === undefined) continue;
    ranks.add(Number(rank));
    // The text before the rank differs by process and time.
    const words = line.slice(match.index + match[0].length).replaceAll(/\d+/g, '#');
    const before = said.get(words) ?? { by: new Set<number>(), line: line.trim(), last: index };
    before.by.add(Number(rank));
    before.last = index;
    said.set(words, before);
  }
  if (ranks.size < 2) return undefined;
  // Lower and higher ranks are in the logs of other nodes.
  const lowest = Math.min(...ranks);
  const all = Array.from({ length: Math.max(...ranks) - lowest + 1 }, (_, index) => lowest + index);
  const common = [...said.values()].filter(({ by }) => by.size > all.length / 2);
  const latest = common.toSorted((a, b) => a.last - b.last).at(-1);
  const missing = all.filter((rank) => latest?.by.has(rank) === false);
  return latest === undefined || missing.length === 0 ? undefined : { ranks: missing, line: latest.line };
}
