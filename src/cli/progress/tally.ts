import type { SweepEvent } from '../../sweep/index.ts';

/** What one node is doing. */
export interface NodeTally {
  readonly doing: string;
  /** When it started, in milliseconds of the clock passed to `see`. */
  readonly sinceMs: number;
}

/** What a node without work is doing. */
export const idle = 'idle';

/** The progress of a running sweep, computed from its events. */
export class Tally {
  readonly #planned: number;
  #before = 0;
  #finished = 0;
  #failed = 0;
  #skipped = 0;
  #leftOut = 0;
  #suspect = 0;
  #starts = 0;
  #startedMs: number | undefined;
  #isStopping = false;
  /** The remaining time when a point last advanced, in seconds. */
  #left: { readonly atMs: number; readonly seconds: number } | undefined;
  /** The completed share of each point in progress. */
  readonly #shares = new Map<string, number>();
  readonly #nodes = new Map<string, NodeTally>();

  /** @param planned Points of the whole sweep, including those of earlier runs. */
  constructor(planned: number) {
    this.#planned = planned;
  }

  get total(): number {
    return this.#startedMs === undefined ? 0 : this.#planned;
  }
  get done(): number {
    return this.#before + this.#now;
  }
  /** The completed share of the sweep, from 0 to 1; points in progress count in part. */
  get share(): number {
    return this.#planned === 0 ? 0 : Math.min(1, (this.#before + this.#got) / this.#planned);
  }
  get nodes(): ReadonlyMap<string, NodeTally> {
    return this.#nodes;
  }

  /** Points that this run has completed, in any way. */
  get #now(): number {
    return this.#finished + this.#failed + this.#skipped + this.#leftOut;
  }
  /** Points that this run has completed, plus the completed shares of points in progress. */
  get #got(): number {
    return [...this.#shares.values()].reduce((sum, share) => sum + share, this.#now);
  }

  /** Stops the estimate: nothing more is started, there is no remaining time, and every busy node stops its engine. */
  stop(nowMs: number): void {
    this.#isStopping = true;
    for (const [name, { doing }] of this.#nodes)
      if (doing !== idle) this.#nodes.set(name, { doing: 'stopping the engine', sinceMs: nowMs });
  }

  /** Processes an event; `doing` describes what its node is doing. */
  see(event: SweepEvent, doing: string | undefined, nowMs: number): void {
    if (!this.#isStopping) this.#seeNode(event, doing, nowMs);
    switch (event.type) {
      case 'sweep-started':
        this.#before = Math.max(0, this.#planned - event.pointsLeft);
        this.#startedMs = nowMs;
        for (const node of event.nodes ?? []) this.#nodes.set(node, { doing: idle, sinceMs: nowMs });
        return;
      case 'engine-starting':
        this.#starts += 1;
        return;
      case 'engine-stopped':
        if (event.node !== undefined) this.#nodes.set(event.node, { doing: idle, sinceMs: nowMs });
        return;
      case 'point-progress': {
        const { completed, failed, total } = event.progress;
        this.#shares.set(event.pointId, total === 0 ? 0 : (completed + failed) / total);
        break;
      }
      case 'point-finished':
        this.#shares.delete(event.pointId);
        this.#finished += 1;
        if (event.verdict === 'suspect') this.#suspect += 1;
        break;
      case 'point-failed':
        this.#shares.delete(event.pointId);
        if (!event.willRetry) this.#failed += 1;
        break;
      case 'point-skipped':
        this.#skipped += 1;
        break;
      case 'session-left-out':
        this.#leftOut += event.points;
        break;
      default:
        return;
    }
    this.#left = this.#timeLeft(nowMs);
  }

  #seeNode(event: SweepEvent, doing: string | undefined, nowMs: number): void {
    if (!('node' in event) || event.node === undefined || doing === undefined) return;
    const sameAsBefore = event.type === 'point-progress' || event.type === 'provision-progress';
    const before = this.#nodes.get(event.node);
    this.#nodes.set(event.node, { doing, sinceMs: (sameAsBefore && before?.sinceMs) || nowMs });
  }

  /** Extrapolates from the progress so far, including points in progress. */
  #timeLeft(nowMs: number) {
    const got = this.#got;
    if (this.#startedMs === undefined || got === 0) return undefined;
    const perPointS = (nowMs - this.#startedMs) / 1000 / got;
    return { atMs: nowMs, seconds: perPointS * Math.max(0, this.#planned - this.#before - got) };
  }

  /** Seconds until the sweep is complete; undefined before any progress, and after `stop`. */
  etaS(nowMs: number): number | undefined {
    if (this.#left === undefined || this.#isStopping) return undefined;
    return Math.max(0, this.#left.seconds - (nowMs - this.#left.atMs) / 1000);
  }

  /** `5/12 points`, then the counts that are not zero: `1 suspect`, `1 failed`, `2 engine starts`. */
  parts(): string[] {
    const counts: readonly (readonly [number, string])[] = [
      [this.#failed, 'failed'],
      [this.#suspect, 'suspect'],
      [this.#skipped, 'skipped'],
      [this.#leftOut, 'left out'],
      [this.#starts, this.#starts === 1 ? 'engine start' : 'engine starts'],
    ];
    const said = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
    return [`${this.done}/${this.total} points`, ...(this.#isStopping ? ['stopping'] : []), ...said];
  }
}
