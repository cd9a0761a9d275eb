import { defined } from '../../defined/defined.ts';
import type { JournalLine } from '../journal.ts';

/** How long one start of an engine occupied its node. */
export interface EngineUse {
  readonly sessionId: string;
  /** Absent in journals of 0.1. */
  readonly node: string | undefined;
  /** From its start to its end, or to the last that was heard of the run that died with it. */
  readonly seconds: number;
  /** From its start until it could be asked; absent where it never could. */
  readonly readyAfterS?: number;
}

/** A start that its launcher refused has no end of its own. */
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

/** A journal by the processes that wrote it. */
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

/** An orphan can be ended in the middle of a run, too: only a clock that went back tells the next process. */
function isAnew(run: readonly JournalLine[] | undefined, line: JournalLine): boolean {
  if (line.type === 'sweep-started') return true;
  const before = run?.at(-1)?.upS;
  return before !== undefined && line.upS !== undefined && line.upS < before;
}

/** Seconds between two events of one run: by the clock that nobody sets, where both were stamped with it. */
export function secondsBetween(from: JournalLine, to: JournalLine): number {
  if (from.upS !== undefined && to.upS !== undefined) return to.upS - from.upS;
  return (Date.parse(to.at) - Date.parse(from.at)) / 1000;
}
