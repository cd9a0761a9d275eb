import { defined } from '../../defined/defined.ts';
import type { JournalLine } from '../journal.ts';

/** How long one engine start occupied its node. */
export interface EngineUse {
  readonly sessionId: string;
  /** Absent in journals of 0.1. */
  readonly node: string | undefined;
  /** From start to end, or to the last event of the run that crashed with it. */
  readonly seconds: number;
  /** From start to ready; absent if it never became ready. */
  readonly readyAfterS?: number;
}

/** Events that end an engine start. A start that the launcher refused ends with `session-failed`. */
const endsAnEngine: ReadonlySet<JournalLine['type']> = new Set(['engine-stopped', 'session-failed']);

/** Every engine start of a journal. */
export function engineUses(lines: readonly JournalLine[]): EngineUse[] {
  return runsOf(lines).flatMap((run) =>
    run.flatMap((line, index): EngineUse[] => {
      if (line.type !== 'engine-starting') return [];
      const { sessionId, node } = line;
      const own = run
        .slice(index + 1)
        .filter((later) => 'sessionId' in later && later.sessionId === sessionId);
      const ready = own.find((later) => later.type === 'engine-ready' || later.type === 'engine-starting');
      const end = own.find((later) => endsAnEngine.has(later.type)) ?? run.at(-1) ?? line;
      return [
        {
          sessionId,
          node,
          seconds: secondsBetween(line, end),
          ...defined({ readyAfterS: ready?.type === 'engine-ready' ? ready.afterS : undefined }),
        },
      ];
    }),
  );
}

/** Splits a journal by the processes that wrote it. */
export function runsOf(lines: readonly JournalLine[]): JournalLine[][] {
  const runs: JournalLine[][] = [];
  let started = false;
  for (const line of lines) {
    const begins =
      started && (line.type === 'orphan-ended' || line.type === 'sweep-started') && isAnew(runs.at(-1), line);
    if (runs.length === 0 || begins) {
      runs.push([]);
      started = false;
    }
    runs.at(-1)?.push(line);
    started ||= line.type === 'sweep-started';
  }
  return runs;
}

/**
 * An orphan may also be stopped in the middle of a run, so only a clock that went back marks the next
 * process.
 */
function isAnew(run: readonly JournalLine[] | undefined, line: JournalLine): boolean {
  if (line.type === 'sweep-started') return true;
  const before = run?.at(-1)?.upS;
  return before !== undefined && line.upS !== undefined && line.upS < before;
}

/** Seconds between two events of one run, by the monotonic clock if both have its time. */
export function secondsBetween(from: JournalLine, to: JournalLine): number {
  if (from.upS !== undefined && to.upS !== undefined) return to.upS - from.upS;
  return (Date.parse(to.at) - Date.parse(from.at)) / 1000;
}
