import type { SweepEvent } from '../../sweep/index.ts';

/** What one node is doing. */
export interface NodeTally {
  readonly doing: string;
  /** When it began, milliseconds of the clock given to `see`. */
  readonly sinceMs: number;
}

/** What a node without work does. */
export const idle = 'idle';

/** Where a running sweep stands, added up from its events. */
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
  /** The time left when a point last got on, seconds. */
  #left: { readonly atMs: number; readonly seconds: number } | undefined;
  /** The shares of points that are being measured. */
  readonly #shares = new Map<string, number>();
  readonly #nodes = new Map<string, NodeTally>();

  /** @param planned Points of the whole sweep, those of earlier runs included. */
  constructor(planned: number) {
    this.#planned = planned;
  }

  get total(): number {
    return this.#startedMs === undefined ? 0 : this.#planned;
  }
  get done(): number {
    return this.#before + this.#now;
  }
  /** How much of the sweep is done, from 0 to 1, parts of points included. */
  get share(): number {
    return this.#planned === 0 ? 0 : Math.min(1, (this.#before + this.#got) / this.#planned);
  }
  get nodes(): ReadonlyMap<string, NodeTally> {
    return this.#nodes;
  }

  /** Points that this run is done with. */
  get #now(): number {
    return this.#finished + this.#failed + this.#skipped + this.#leftOut;
  }
  /** The same with the parts of those in work. */
  get #got(): number {
    return [...this.#shares.values()].reduce((sum, share) => sum + share, this.#now);
  }

  /** From here on nothing more is begun: no time is left to be told, and every node at work is ending it. */
  stop(nowMs: number): void {
    this.#isStopping = true;
    for (const [name, { doing }] of this.#nodes)
      if (doing !== idle) this.#nodes.set(name, { doing: 'stopping the engine', sinceMs: nowMs });
  }

  /** Takes an event into account; `doing` is what it says its node does, in words. */
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

  /** As it will be if it goes on as it went so far, parts of points included. */
  #timeLeft(nowMs: number) {
    const got = this.#got;
    if (this.#startedMs === undefined || got === 0) return undefined;
    const perPointS = (nowMs - this.#startedMs) / 1000 / got;
    return { atMs: nowMs, seconds: perPointS * Math.max(0, this.#planned - this.#before - got) };
  }

  /** Seconds until everything is done; undefined before any point has got on, and once the sweep is stopped. */
  etaS(nowMs: number): number | undefined {
    if (this.#left === undefined || this.#isStopping) return undefined;
    return Math.max(0, this.#left.seconds - (nowMs - this.#left.atMs) / 1000);
  }

  /** `5/12 points`, then what is worth a word of them: `1 suspect`, `1 failed`, `2 engine starts`. */
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
