import { defined } from '../../defined/defined.ts';
import type { Failure, FailureClass } from '../../failures/index.ts';
import type { EngineSession } from '../../plan/index.ts';
import type { JournalLine } from '../journal.ts';
import type { NextTry } from '../next-try.ts';
import { itemsOf, type WorkItem } from '../session-work.ts';
import type { Sweep } from '../sweep-directory.ts';
import { type EngineUse, engineUses, runsOf, secondsBetween } from './engine-time.ts';
import { savingOf } from './saving.ts';
import type { FailureStory, NodeStory, PointStory, SessionStory, SweepStory } from './types.ts';

/** Builds the story of a sweep from its plan and its journal. */
export function storyOf(sweep: Sweep, lines: readonly JournalLine[]): SweepStory {
  const uses = engineUses(lines);
  const bySession = Map.groupBy(lines, (line) => ('sessionId' in line ? line.sessionId : ''));
  const sessions = sweep.plan.sessions.map((session) =>
    sessionStory(
      session,
      itemsOf(session, sweep.repeats ?? 1),
      bySession.get(session.id) ?? [],
      uses.filter(({ sessionId }) => sessionId === session.id),
    ),
  );
  const points = sessions.flatMap((session) => session.points);
  const count = (state: PointStory['state']) => points.filter((point) => point.state === state).length;
  const runs = runsOf(lines);
  const stop = lines.findLast((line) => line.type === 'sweep-stopped');
  const state = endOf(lines);
  const saving = savingOf(sessions);
  return {
    sweepId: sweep.sweepId,
    createdAt: sweep.createdAt,
    command: sweep.command,
    state,
    runs: runs.length,
    elapsedS: sum(runs, durationS),
    engineStarts: sum(sessions, (session) => session.starts),
    engineS: sum(sessions, (session) => session.engineS),
    acceleratorHours: sum(sessions, (session) => session.acceleratorHours),
    orphansEnded: lines.filter(({ type }) => type === 'orphan-ended').length,
    points: {
      finished: count('finished'),
      started: count('started'),
      failed: count('failed'),
      skipped: count('skipped'),
      'left-out': count('left-out'),
      waiting: count('waiting'),
    },
    ...defined({ stopped: state === 'stopped' && stop !== undefined ? failureIn(stop) : undefined, saving }),
    sessions,
    nodes: nodeStories(lines, uses),
  };
}

function endOf(lines: readonly JournalLine[]): SweepStory['state'] {
  const last = lines.at(-1)?.type;
  if (last === undefined) return 'not started';
  if (last === 'sweep-finished') return 'finished';
  if (last === 'sweep-interrupted') return 'interrupted';
  return last === 'sweep-stopped' ? 'stopped' : 'stopped without a final event';
}

function sessionStory(
  session: EngineSession,
  items: readonly WorkItem[],
  lines: readonly JournalLine[],
  uses: readonly EngineUse[],
): SessionStory {
  const failures = lines.flatMap((line) =>
    line.type === 'session-failed' ? [failureStory(line, line.next)] : [],
  );
  const points = items.map((item) => pointStory(item, lines));
  const engineS = sum(uses, ({ seconds }) => seconds);
  return {
    id: session.id,
    servedModel: session.points[0]?.entry['model-prefix'] ?? '',
    precision: session.points[0]?.entry.precision ?? '',
    framework: session.framework,
    hardware: session.hardware,
    runner: session.runner,
    accelerators: session.server.acceleratorCount,
    state: sessionState(points),
    starts: uses.length,
    ...defined({ argv: lines.findLast((line) => line.type === 'engine-starting')?.argv }),
    nodes: [...new Set(uses.flatMap(({ node }) => node ?? []))],
    engineS,
    loadingS: sum(uses, ({ seconds, readyAfterS }) => readyAfterS ?? seconds),
    acceleratorHours: (engineS * session.server.acceleratorCount) / 3600,
    failures,
    checks: lines.flatMap((line) =>
      line.type === 'check-finished'
        ? [{ task: line.task, score: line.score, verdict: line.verdict, reason: line.reason }]
        : [],
    ),
    points,
  };
}

function sessionState(points: readonly PointStory[]): SessionStory['state'] {
  const is = (...states: PointStory['state'][]) => points.every(({ state }) => states.includes(state));
  if (is('waiting')) return 'waiting';
  if (is('finished', 'skipped')) return 'finished';
  if (is('failed')) return 'failed';
  if (is('left-out')) return 'left-out';
  if (is('finished', 'skipped', 'left-out')) return 'partly left-out';
  return is('finished', 'skipped', 'failed', 'left-out') ? 'partly failed' : 'started';
}

function pointStory({ id, point, repeat }: WorkItem, lines: readonly JournalLine[]): PointStory {
  const { isl, osl } = point.entry;
  const own = lines.filter((line) => 'pointId' in line && line.pointId === id);
  const failures = own.flatMap((line) =>
    line.type === 'point-failed' ? [failureStory(line, line.next)] : [],
  );
  const finished = own.findLast((line) => line.type === 'point-finished');
  const skipped = own.findLast((line) => line.type === 'point-skipped');
  const told = {
    id,
    isl,
    osl,
    conc: point.conc,
    repeat,
    attempts: own.filter(({ type }) => type === 'point-started').length,
    failures,
  };
  if (finished !== undefined) {
    const { verdict, outputThroughput, resultFilename, node, tookS } = finished;
    return {
      ...told,
      state: 'finished',
      verdict,
      outputThroughput,
      resultFilename,
      ...defined({ node, tookS }),
    };
  }
  if (skipped !== undefined) return { ...told, state: 'skipped', reason: skipped.reason };
  return { ...told, ...unfinished(own, lines) };
}

/** The state of a point without a result, from the last event of the point or its session. */
function unfinished(
  own: readonly JournalLine[],
  session: readonly JournalLine[],
): Pick<PointStory, 'state' | 'reason'> {
  const last = own.at(-1);
  const decisive = session.findLast(
    (line) =>
      line.type === 'session-left-out' ||
      line.type === 'engine-starting' ||
      (line.type === 'session-failed' && (line.next ?? 'give-up') === 'give-up'),
  );
  if (last?.type === 'point-failed' && !last.willRetry) return { state: 'failed' };
  if (decisive?.type === 'session-failed') return { state: 'failed', reason: decisive.message };
  if (decisive?.type === 'session-left-out')
    return decisive.why === 'no-time'
      ? { state: 'left-out', reason: 'not enough of the time budget was left' }
      : { state: 'failed', reason: 'no usable node was left' };
  return { state: last === undefined ? 'waiting' : 'started' };
}

function nodeStories(lines: readonly JournalLine[], uses: readonly EngineUse[]): NodeStory[] {
  const names = new Set(lines.flatMap((line) => ('node' in line ? (line.node ?? []) : [])));
  return [...names].toSorted().map((name) => {
    const here = lines.filter((line) => 'node' in line && line.node === name);
    const quarantine = here.findLast((line) => line.type === 'node-quarantined');
    const taken = here.findLast((line) => line.type === 'node-taken');
    const own = uses.filter(({ node }) => node === name);
    return {
      name,
      sessions: new Set(here.flatMap((line) => ('sessionId' in line ? [line.sessionId] : []))).size,
      starts: own.length,
      engineS: sum(own, ({ seconds }) => seconds),
      failures: here.filter(({ type }) => type === 'point-failed' || type === 'session-failed').length,
      ...defined({
        quarantined: quarantine?.reason,
        takenBy: taken === undefined ? undefined : (taken.by ?? `process ${taken.pid}`),
      }),
    };
  });
}

/** A failure as in the journal. */
interface RecordedFailure {
  readonly failureClass: FailureClass;
  readonly message: string;
  readonly todo?: string | undefined;
  readonly logTail?: string | undefined;
}

function failureStory(
  line: RecordedFailure & { readonly at: string; readonly node?: string | undefined },
  next: NextTry | undefined,
): FailureStory {
  return { at: line.at, node: line.node, next, ...failureIn(line) };
}

function failureIn({ failureClass, message, todo, logTail }: RecordedFailure): Failure {
  return { failureClass, message, ...defined({ todo, logTail }) };
}

function durationS(run: readonly JournalLine[]): number {
  const [first, last] = [run[0], run.at(-1)];
  return first === undefined || last === undefined ? 0 : secondsBetween(first, last);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
