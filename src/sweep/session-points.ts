import { messageOf } from '../errors.ts';
import { resultName } from '../identity/index.ts';
import type { RawResult } from '../load/index.ts';
import { measurementOf } from './adaptive.ts';
import type { Failure, FailureClass } from './failure.ts';
import type { EngineSeat, Watch } from './hooks.ts';
import { measurePoint } from './measure-point.ts';
import type { SessionContext, SessionEnd } from './session-run.ts';
import type { SessionWork, WorkItem } from './session-work.ts';
import { SweepStopped } from './sweep-stopped.ts';
import { type Written, writeResult } from './write-result.ts';

/** The engine is gone, or of no more use, after these. */
const endsTheEngine: ReadonlySet<FailureClass> = new Set([
  'engine-died',
  'out-of-memory',
  'stalled',
  'unreachable',
  'node-lost',
  'preempted',
  'time-limit',
]);

/** A session on an engine that answers. */
export interface SeatedSession extends SessionContext {
  readonly work: SessionWork;
  readonly seat: EngineSeat;
  /** What was provisioned, for the raw results. */
  readonly artifacts: Readonly<Record<string, unknown>>;
  readonly onFailure: (failure: Failure) => void;
}

/**
 * Measures what a session has left, as the chooser has it, then checks the engine; `again` where the engine is gone
 * before everything was measured. Throws the signal's reason when interrupted, and SweepStopped.
 */
export async function measureSession(session: SeatedSession): Promise<SessionEnd['how'] | 'again'> {
  const { work, chooser, signal } = session;
  for (;;) {
    signal.throwIfAborted();
    if (session.outOfTime()) return 'no-time';
    const { next, skips } = chooser.choose(work);
    for (const { item, reason } of skips) {
      work.skip(item);
      await session.record({ type: 'point-skipped', ...placeOf(session), pointId: item.id, reason });
    }
    if (next === undefined) break;
    const failure = await measureItem(next, session);
    if (failure !== undefined && endsTheEngine.has(failure.failureClass))
      return work.pending.length > 0 ? 'again' : endOf(work);
  }
  if (work.finished > 0) await check(session);
  return endOf(work);
}

function endOf(work: SessionWork): SessionEnd['how'] {
  return work.left.length > 0 ? 'other-node' : 'done';
}

/** Measures one item once; what failed is returned, after it was accounted for. */
async function measureItem(item: WorkItem, session: SeatedSession): Promise<Failure | undefined> {
  const { work, chooser, record } = session;
  const where = { ...placeOf(session), pointId: item.id };
  await record({ type: 'point-started', ...where, attempt: work.begin(item) });
  const startMs = performance.now();
  const resultFilename = resultFilenameOf(item, session.seat.node);
  const outcome = await measureAndWrite(item, resultFilename, session);
  if (outcome.state === 'failed') {
    await pointFailed(item, outcome.failure, session);
    return outcome.failure;
  }
  const tookS = Math.round(performance.now() - startMs) / 1000;
  await record({ type: 'point-finished', ...where, resultFilename, ...outcome.figures, tookS });
  work.finish(item);
  const measurement = measurementOf(item.point.id, outcome.figures);
  if (measurement !== undefined) chooser.learn(measurement);
  return undefined;
}

async function measureAndWrite(
  item: WorkItem,
  resultFilename: string,
  session: SeatedSession,
): Promise<Written> {
  const { seat, rules, tell, provenance, artifacts, directory, signal } = session;
  const where = placeOf(session);
  const watch = await beginWatch(session);
  const measured = await measurePoint(item, {
    model: seat.session.model,
    engine: seat.running,
    healthPath: seat.engine.healthPath,
    backend: seat.engine.loadBackend,
    rules,
    ownThreads: session.besideOthers,
    measure: session.measure,
    onProgress: (progress) => tell({ type: 'point-progress', ...where, pointId: item.id, progress }),
    signal,
  }).finally(() => watch?.stop());
  if (measured.state === 'failed') return measured;
  const timeoutS = rules['disk-full'].deadlineS ?? 0;
  const samples = await watch?.over(measured.raw);
  return await writeResult(item, measured.raw, {
    directory,
    resultFilename,
    provenance: {
      ...provenance,
      sweepId: session.sweepId,
      sessionId: seat.session.id,
      pointId: item.id,
      repeat: item.repeat,
      node: seat.node,
      nodes: seat.place.nodes,
      server: seat.session.server,
      ...artifacts,
    },
    ...(samples === undefined ? {} : { samples }),
    diskDeadlineS: timeoutS,
    onWait: () => tell({ type: 'waiting', ...where, what: 'room on the disk of the results', timeoutS }),
    signal,
  });
}

/** Samples beside a measurement; where the sampling does not work, the journal says so and the measurement goes on. */
async function beginWatch(session: SeatedSession) {
  const failed = async (error: unknown) => {
    await session.record({
      type: 'hook-failed',
      ...placeOf(session),
      what: 'sampling',
      message: messageOf(error),
    });
    return undefined;
  };
  const watch: Watch | undefined = await session.hooks?.watch?.(session.seat).catch(failed);
  if (watch === undefined) return undefined;
  return {
    stop: () => watch.stop(),
    over: async (raw: RawResult) => await watch.over(raw).catch(failed),
  };
}

async function check(session: SeatedSession): Promise<void> {
  const where = placeOf(session);
  try {
    for (const outcome of (await session.hooks?.check?.(session.seat)) ?? [])
      await session.record({ type: 'check-finished', ...where, ...outcome });
  } catch (error) {
    session.signal.throwIfAborted();
    await session.record({ type: 'hook-failed', ...where, what: 'the check', message: messageOf(error) });
  }
}

async function pointFailed(item: WorkItem, failure: Failure, session: SeatedSession): Promise<void> {
  session.onFailure(failure);
  const next = session.work.pointFailed(item, failure, session.seat.node, session.canMove());
  await session.record({
    type: 'point-failed',
    ...placeOf(session),
    pointId: item.id,
    ...failure,
    willRetry: next !== 'give-up',
    next,
  });
  if (failure.failureClass === 'disk-full') throw new SweepStopped(failure);
}

function resultFilenameOf({ point, repeat }: WorkItem, node: string): string {
  return `${resultName(point.entry, point.conc)}_${node}${repeat === 1 ? '' : `_r${repeat}`}`;
}

function placeOf({ seat }: SeatedSession) {
  return { sessionId: seat.session.id, node: seat.node };
}
