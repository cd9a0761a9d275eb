import type { PlannedPoint } from '../plan/index.ts';
import type { SweepEvent } from './events.ts';
import { Journal, type JournalEvent } from './journal.ts';
import type { RunDirectory, Sweep } from './run-directory.ts';
import { runSession, type SessionContext } from './session-run.ts';

/** What the caller chooses for a sweep; the rest of a session's context is the sweep's own. */
export interface SweepContext
  extends Omit<SessionContext, 'record' | 'tell' | 'node' | 'sweepId' | 'directory'> {
  /** The node that runs a session, of those its runner names. */
  readonly nodeFor: (runner: string) => string;
  readonly now: () => Date;
  readonly onEvent: (event: SweepEvent) => void;
}

export interface SweepOutcome {
  /** Points measured and written by this and earlier runs of the sweep. */
  readonly finished: number;
  readonly failed: number;
  readonly interrupted: boolean;
}

/**
 * Runs every point of a sweep that is not measured yet, session by session, and returns what became of them. Whatever
 * happens is in the journal before it is told. An interrupt stops the engine and keeps every finished point; calling
 * this again on the same directory goes on from there.
 */
export async function runSweep(
  directory: RunDirectory,
  sweep: Sweep,
  context: SweepContext,
): Promise<SweepOutcome> {
  const done = await directory.finished();
  const resumed = (await directory.history()).length > 0;
  const journal = await Journal.open(directory.journal, context.now);
  const record = async (event: JournalEvent): Promise<void> => {
    await journal.append(event);
    context.onEvent(event);
  };
  let finished = done.size;
  let failed = 0;
  try {
    for (const orphan of await context.launcher.endOrphans())
      await record({ type: 'orphan-ended', ...orphan });
    const left = sweep.plan.sessions
      .map((session) => ({ session, points: session.points.filter((point) => !done.has(point.id)) }))
      .filter(({ points }) => points.length > 0);
    await record({ type: 'sweep-started', resumed, pointsLeft: count(left.map(({ points }) => points)) });
    for (const { session, points } of left) {
      const outcome = await runSession(session, points, {
        ...context,
        directory,
        sweepId: sweep.sweepId,
        node: context.nodeFor(session.runner),
        record,
        tell: context.onEvent,
      });
      finished += outcome.finished;
      failed += outcome.failed;
    }
    await record({ type: 'sweep-finished', finished, failed });
    return { finished, failed, interrupted: false };
  } catch (error) {
    if (!context.signal.aborted) throw error;
    await record({ type: 'sweep-interrupted' });
    return { finished: (await directory.finished()).size, failed, interrupted: true };
  } finally {
    await journal.close();
  }
}

function count(groups: readonly (readonly PlannedPoint[])[]): number {
  return groups.reduce((sum, group) => sum + group.length, 0);
}
