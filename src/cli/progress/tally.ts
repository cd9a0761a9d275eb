import type { SweepEvent } from '../../sweep/index.ts';

/** What one node is doing. */
export interface NodeTally {
  readonly doing: string;
  /** When it began, milliseconds of the clock given to `see`. */
  readonly sinceMs: number;
}

/** Where a running sweep stands, added up from its events. */
export class Tally {
  #left = 0;
  #finished = 0;
  #failed = 0;
  #skipped = 0;
  #leftOut = 0;
  #suspect = 0;
  #starts = 0;
  #startedMs: number | undefined;
  readonly #nodes = new Map<string, NodeTally>();

  /** Points that were to be measured when this run began. */
  get total(): number {
    return this.#left;
  }
  get done(): number {
    return this.#finished + this.#failed + this.#skipped + this.#leftOut;
  }
  get nodes(): ReadonlyMap<string, NodeTally> {
    return this.#nodes;
  }

  /** Takes an event into account; `doing` is what it says its node does, in words. */
  see(event: SweepEvent, doing: string | undefined, nowMs: number): void {
    const sameAsBefore = event.type === 'point-progress' || event.type === 'provision-progress';
    if ('node' in event && event.node !== undefined && doing !== undefined) {
      const before = this.#nodes.get(event.node);
      this.#nodes.set(event.node, { doing, sinceMs: (sameAsBefore && before?.sinceMs) || nowMs });
    }
    switch (event.type) {
      case 'sweep-started':
        this.#left = event.pointsLeft;
        this.#startedMs = nowMs;
        for (const node of event.nodes ?? []) this.#nodes.set(node, { doing: 'idle', sinceMs: nowMs });
        break;
      case 'engine-starting':
        this.#starts += 1;
        break;
      case 'engine-stopped':
        if (event.node !== undefined) this.#nodes.set(event.node, { doing: 'idle', sinceMs: nowMs });
        break;
      case 'point-finished':
        this.#finished += 1;
        if (event.verdict === 'suspect') this.#suspect += 1;
        break;
      case 'point-failed':
        if (!event.willRetry) this.#failed += 1;
        break;
      case 'point-skipped':
        this.#skipped += 1;
        break;
      case 'session-left-out':
        this.#leftOut += event.points;
        break;
      default:
    }
  }

  /** Seconds until everything is done if it goes on as it went so far; undefined before the first point is done. */
  etaS(nowMs: number): number | undefined {
    if (this.#startedMs === undefined || this.#finished === 0) return undefined;
    return ((nowMs - this.#startedMs) / 1000 / this.done) * Math.max(0, this.total - this.done);
  }

  /** `5/12 points, 1 suspect, 1 failed, 2 engine starts`. */
  inWords(): string {
    const counts: readonly (readonly [number, string])[] = [
      [this.#suspect, 'suspect'],
      [this.#failed, 'failed'],
      [this.#skipped, 'skipped'],
      [this.#leftOut, 'left out'],
      [this.#starts, this.#starts === 1 ? 'engine start' : 'engine starts'],
    ];
    const said = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
    return [`${this.done}/${this.total} points`, ...said].join(', ');
  }
}
