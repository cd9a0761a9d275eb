import { isReplayed, type MatrixEntry } from '../../identity/index.ts';
import { figure, type LoadProgress } from '../../load/index.ts';
import { printableLines } from '../../printable.ts';
import { inWords } from '../../provision/index.ts';
import { itemsOf, type Sweep, type SweepEvent } from '../../sweep/index.ts';
import { replayParts } from '../bench/replay-progress.ts';
import { durationInWords } from '../duration.ts';
import { toneOf } from '../result-table.ts';
import type { Tone } from '../terminal/style.ts';
import { whatWillBe } from '../what-next.ts';

/**
 * Describes events in words. A point is named by its position in the whole plan, and with its node if there are
 * several.
 */
export class Wording {
  readonly #points: ReadonlyMap<string, string>;
  #namesNodes = false;

  constructor(sweep: Sweep) {
    const items = sweep.plan.sessions.flatMap((session) => itemsOf(session, sweep.repeats ?? 1));
    const shapes = new Set(items.map(({ point: { entry } }) => shapeOf(entry)));
    this.#points = new Map(
      items.map(({ id, point: { entry, conc }, repeat }, index) => {
        const again = repeat === 1 ? '' : `, repeat ${repeat}`;
        return [
          id,
          `point ${index + 1}/${items.length}, ${shapes.size > 1 ? `${shapeOf(entry)} ` : ''}conc ${conc}${again}`,
        ];
      }),
    );
  }

  /** A line for an event that the reader should know about; undefined for mere progress. */
  line(event: SweepEvent): string | undefined {
    if (event.type === 'sweep-started') this.#namesNodes = (event.nodes ?? []).length > 1;
    const said = this.#say(event);
    return said === undefined ? undefined : `${this.#where(event)}${said}`;
  }

  /** What the node does after this event; undefined if the event does not change it. */
  doing(event: SweepEvent): string | undefined {
    switch (event.type) {
      case 'provision-progress': {
        const { reference, phase, bytesDone, bytesTotal } = event.progress;
        const done = bytesDone === undefined ? '' : `, ${inWords(bytesDone)}`;
        const total = bytesTotal === undefined ? '' : ` of ${inWords(bytesTotal)}`;
        return `${reference}: ${phase}${done}${total}`;
      }
      case 'point-started':
        return `${this.place(event.pointId)}: starting`;
      case 'point-progress': {
        const { completed, total, failed, inFlight, elapsedS, replay } = event.progress;
        if (replay !== undefined) {
          const parts = replayParts({ ...replay, completed, failed, inFlight, elapsedS });
          return `${this.place(event.pointId)}: ${parts.join(', ')}`;
        }
        const counts = `${completed}/${total} requests${failed > 0 ? `, ${failed} failed` : ''}, ${inFlight} in flight`;
        return `${this.place(event.pointId)}: ${counts}${completed === 0 ? '' : `, ${figures(event.progress)}`}`;
      }
      case 'session-assigned':
        return 'fetching the engine and its weights';
      case 'point-finished':
        return 'between two points';
      default:
        return this.#say(event)?.split('\n')[0];
    }
  }

  /** Whether the news is good or bad; undefined if neither. */
  tone(event: SweepEvent): Tone | undefined {
    switch (event.type) {
      case 'point-finished':
        return toneOf(event.verdict);
      case 'check-finished':
        return event.verdict === 'fail' ? 'bad' : event.verdict === 'pass' ? 'good' : undefined;
      case 'point-failed':
        return event.willRetry ? 'doubtful' : 'bad';
      case 'session-failed':
      case 'sweep-stopped':
        return 'bad';
      case 'node-quarantined':
      case 'hook-failed':
        return 'doubtful';
      case 'point-skipped':
        return 'quiet';
      default:
        return undefined;
    }
  }

  /** The number of points in the whole plan, including repeats. */
  get points(): number {
    return this.#points.size;
  }

  /** `point 3/8, conc 4`; if the lengths differ between points, `96/32 conc 4`. */
  place(pointId: string): string {
    return this.#points.get(pointId) ?? `point ${pointId}`;
  }

  #where(event: SweepEvent): string {
    return this.#namesNodes && 'node' in event && event.node !== undefined ? `[${event.node}] ` : '';
  }

  /** Makes text from engines and configs safe to print: no control characters. */
  #say(event: SweepEvent): string | undefined {
    const words = this.#words(event);
    return words === undefined ? undefined : printableLines(words);
  }

  #words(event: SweepEvent): string | undefined {
    switch (event.type) {
      case 'sweep-started': {
        const nodes = event.nodes ?? [];
        const on = nodes.length > 1 ? ` on ${nodes.length} nodes` : '';
        const budget =
          event.timeBudgetS === undefined ? '' : `, at most ${durationInWords(event.timeBudgetS)}`;
        const checks = event.checksLeft ?? 0;
        const check = checks === 0 ? '' : `, ${checks} ${checks === 1 ? 'engine' : 'engines'} to check`;
        return `${event.resumed ? 'resuming: ' : ''}${event.pointsLeft} of ${this.#points.size} points to measure${check}${on}${budget}`;
      }
      case 'orphan-ended':
        return `stopped an engine that an earlier run left on port ${event.port} (session ${event.sessionId})`;
      case 'node-taken':
        return `waiting for node ${event.node}, which ${event.by === undefined ? 'another sweep' : `sweep ${event.by}`} has (process ${event.pid}${event.host === undefined ? '' : ` on ${event.host}`})`;
      case 'node-quarantined':
        return `node ${event.node} is taken out of use: ${event.reason}`;
      case 'session-assigned':
        return this.#namesNodes ? `session ${event.sessionId}` : undefined;
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
          `session ${event.sessionId} failed (${event.failureClass}), ${whatWillBe(event)}: ${event.message}${whatToDo(event)}`,
          event,
        );
      case 'session-waits':
        return `session ${event.sessionId} waits until ${event.untilAt.slice(11, 19)} UTC, then it is retried; its node does other work meanwhile`;
      case 'session-left-out': {
        const why =
          event.why === 'no-node'
            ? 'no remaining node can run it'
            : `it does not fit into the remaining time${event.estimateS === undefined ? '' : ` (about ${durationInWords(event.estimateS)})`}`;
        return `session ${event.sessionId} is left out with ${event.points} points: ${why}`;
      }
      case 'point-started':
        return event.attempt > 1 ? `${this.place(event.pointId)}: attempt ${event.attempt}` : undefined;
      case 'point-finished':
        return `${this.place(event.pointId)}: ${event.verdict}, ${figures(event)}${why(event.reasons)}`;
      case 'point-tested':
        return `${this.place(event.pointId)}: ${loadInWords(event)}: ${attainments(event)}`;
      case 'point-failed':
        return withTail(
          `${this.place(event.pointId)}: failed (${event.failureClass}), ${whatWillBe({ ...event, next: event.next ?? (event.willRetry ? 'same-node' : 'give-up') })}: ${event.message}${whatToDo(event)}`,
          event,
        );
      case 'point-skipped':
        return `${this.place(event.pointId)}: skipped: ${event.reason}`;
      case 'check-finished':
        return `accuracy check ${event.task}: ${event.score === undefined ? '' : `${(100 * event.score).toFixed(1)} %, `}${checkVerdicts[event.verdict]}: ${event.reason}`;
      case 'hook-failed':
        return `${event.what} failed, measurements continue: ${event.message}`;
      case 'sweep-stopped':
        return `the sweep stops (${event.failureClass}): ${event.message}`;
      case 'sweep-interrupted':
        return 'interrupted: engines stopped, every finished point kept';
      case 'sweep-finished': {
        const skipped = event.skipped ? `, ${event.skipped} skipped` : '';
        const leftOut = event.leftOut ? `, ${event.leftOut} left out` : '';
        return `${event.finished} points measured, ${event.failed} failed${skipped}${leftOut}`;
      }
      case 'provision-progress':
      case 'point-progress':
        return undefined;
    }
  }
}

type TestedPoint = Extract<SweepEvent, { type: 'point-tested' }>;

function loadInWords({ load, level }: TestedPoint): string {
  return load === 'rate' ? `${level} req/s` : `concurrency ${level}`;
}

/** The share of requests within each SLO of a search. */
function attainments({ requests, met }: TestedPoint): string {
  const shares = met.map((one) => `${((100 * one) / requests).toFixed(1)} %`).join(', ');
  return `${shares} of ${requests} requests within the SLO${met.length === 1 ? '' : 's'}`;
}

const checkVerdicts = { pass: 'passed', fail: 'failed', 'not-judged': 'not compared' } as const;

function whatToDo({ todo }: { readonly todo?: string | undefined }): string {
  return todo === undefined ? '' : `. To do: ${todo}`;
}

function figures(measured: Pick<LoadProgress, 'outputThroughput' | 'medianTtftMs' | 'medianTpotMs'>): string {
  const { outputThroughput, medianTtftMs, medianTpotMs } = measured;
  return `${figure(outputThroughput, 1)} tok/s, TTFT ${figure(medianTtftMs, 0)} ms, TPOT ${figure(medianTpotMs, 1)} ms`;
}

function withTail(
  text: string,
  { logTail, todo }: { logTail?: string | undefined; todo?: string | undefined },
): string {
  // The explanation quotes the relevant line; more lines would hide it.
  if (todo !== undefined || logTail === undefined || logTail === '') return text;
  const lines = logTail
    .split('\n')
    .slice(-10)
    .map((line) => `    | ${line}`);
  return [`${text}; the engine's last lines:`, ...lines].join('\n');
}

/**
 * Explains in a few words why a point is not better: the first reason, and how many more there are. It comes last, so
 * it is the first part that a narrow terminal omits; it contains no commas, because commas separate the parts.
 */
function why(reasons: readonly string[] = []): string {
  const [first, ...more] = reasons;
  if (first === undefined) return '';
  return `, because ${first.replaceAll(', ', '; ')}${more.length === 0 ? '' : ` and ${more.length} more`}`;
}

/** What a point is measured with: the name of its workload, or its lengths. */
function shapeOf(entry: MatrixEntry): string {
  const { workload, isl, osl } = entry;
  return workload?.replace(/@.*$/, '') ?? (isReplayed(entry) ? 'agent sessions' : `${isl}/${osl}`);
}
