import type { LoadProgress } from '../../load/index.ts';
import type { Plan, PlannedPoint } from '../../plan/index.ts';
import { inWords } from '../../provision/index.ts';
import type { SweepEvent } from '../../sweep/index.ts';

/** Says events in words, each point by its place in the whole plan. */
export class Wording {
  readonly #points: readonly PlannedPoint[];

  constructor(plan: Plan) {
    this.#points = plan.sessions.flatMap((session) => session.points);
  }

  /** One line for an event that changes what a reader knows, undefined for mere progress. */
  line(event: SweepEvent): string | undefined {
    switch (event.type) {
      case 'sweep-started':
        return `${event.resumed ? 'resuming: ' : ''}${event.pointsLeft} of ${this.#points.length} points to measure`;
      case 'orphan-ended':
        return `ended the engine that an earlier run had left on port ${event.port} (session ${event.sessionId})`;
      case 'engine-starting':
        return `${event.start === 1 ? 'starting' : 'starting again'} the engine of session ${event.sessionId}`;
      case 'waiting':
        return `waiting for ${event.what}, at most ${event.timeoutS} s`;
      case 'engine-ready':
        return `engine ready after ${event.afterS.toFixed(1)} s`;
      case 'engine-stopped':
        return 'engine stopped';
      case 'session-failed':
        return withTail(
          `session ${event.sessionId} failed (${event.failureClass}): ${event.message}`,
          event.logTail,
        );
      case 'point-started':
        return `${this.#place(event.pointId)}: measuring${event.attempt > 1 ? ` (attempt ${event.attempt})` : ''}`;
      case 'point-finished':
        return `${this.#place(event.pointId)}: ${event.verdict}; ${figures(event)}`;
      case 'point-failed': {
        const next = event.willRetry ? 'will be tried again' : 'given up';
        const what = `${this.#place(event.pointId)}: failed (${event.failureClass}), ${next}: ${event.message}`;
        return withTail(what, event.logTail);
      }
      case 'sweep-interrupted':
        return 'interrupted: the engine is stopped and every finished point is kept';
      case 'sweep-finished':
        return `${event.finished} points measured, ${event.failed} failed`;
      case 'provision-progress':
      case 'point-progress':
        return undefined;
    }
  }

  /** How far the thing in work is, undefined for an event that is more than progress. */
  progress(event: SweepEvent): string | undefined {
    if (event.type === 'provision-progress') {
      const { reference, phase, bytesDone, bytesTotal } = event.progress;
      const done = bytesDone === undefined ? '' : `, ${inWords(bytesDone)}`;
      const total = bytesTotal === undefined ? '' : ` of ${inWords(bytesTotal)}`;
      return `${reference}: ${phase}${done}${total}`;
    }
    if (event.type !== 'point-progress') return undefined;
    const { completed, total, failed, elapsedS } = event.progress;
    const counts = `${completed}/${total} requests${failed > 0 ? `, ${failed} failed` : ''} in ${elapsedS.toFixed(0)} s`;
    return `${this.#place(event.pointId)}: ${counts}${completed === 0 ? '' : `; ${figures(event.progress)}`}`;
  }

  /** `point 3/8, 96/32 at concurrency 4`. */
  #place(pointId: string): string {
    const index = this.#points.findIndex((point) => point.id === pointId);
    const point = this.#points[index];
    if (point === undefined) return `point ${pointId}`;
    return `point ${index + 1}/${this.#points.length}, ${point.entry.isl}/${point.entry.osl} at concurrency ${point.conc}`;
  }
}

function figures(measured: Pick<LoadProgress, 'outputThroughput' | 'medianTtftMs' | 'medianTpotMs'>): string {
  const { outputThroughput, medianTtftMs, medianTpotMs } = measured;
  return `${outputThroughput.toFixed(1)} tok/s out, TTFT ${medianTtftMs.toFixed(0)} ms, TPOT ${medianTpotMs.toFixed(1)} ms`;
}

function withTail(text: string, logTail: string | undefined): string {
  if (logTail === undefined || logTail === '') return text;
  const lines = logTail
    .split('\n')
    .slice(-10)
    .map((line) => `    | ${line}`);
  return [`${text}; the engine's last lines:`, ...lines].join('\n');
}
