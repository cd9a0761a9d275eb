import type { Failure, FailureClass, FailureRules } from '../failures/index.ts';
import type { EngineSession, PlannedPoint } from '../plan/index.ts';
import { type NextTry, nextTry } from './next-try.ts';

/** One measurement: a point, or one of its repeats. */
export interface WorkItem {
  /** The point's id, with a suffix for repeats after the first. */
  readonly id: string;
  readonly point: PlannedPoint;
  /** Counted from 1. */
  readonly repeat: number;
}

/** Every measurement of a session: all points once, then all again, so that drift shows between repeats. */
export function itemsOf(session: EngineSession, repeats: number): WorkItem[] {
  return Array.from({ length: repeats }, (_, index) => index + 1).flatMap((repeat) =>
    session.points.map((point) => ({
      id: repeat === 1 ? point.id : `${point.id}_r${repeat}`,
      point,
      repeat,
    })),
  );
}

/** The remaining work of one session and its failures so far, on all nodes. */
export class SessionWork {
  readonly session: EngineSession;
  /** Measurements for the current node, in order. */
  readonly pending: WorkItem[];
  /** Measurements for another node. */
  readonly #elsewhere: WorkItem[] = [];
  /** Nodes that must not get the session again. */
  readonly avoided = new Set<string>();
  /** The same for nodes chosen by a cluster, by the cluster's names. */
  readonly excluded = new Set<string>();
  /** The time of the monotonic clock, in ms, before which it gets no node. */
  notBeforeMs = Number.NEGATIVE_INFINITY;
  readonly #failures = new Map<string, Map<string, number>>();
  readonly #attempts = new Map<string, number>();
  readonly #rules: FailureRules;
  /** The current node. */
  node: string | undefined;
  finished = 0;
  failed = 0;
  skipped = 0;
  starts = 0;
  /** Whether an earlier run measured points of it and ended before its engine was checked. */
  isCheckDue: boolean;

  constructor(
    session: EngineSession,
    items: readonly WorkItem[],
    rules: FailureRules,
    { isCheckDue = false }: { readonly isCheckDue?: boolean } = {},
  ) {
    this.session = session;
    this.pending = [...items];
    this.#rules = rules;
    this.isCheckDue = isCheckDue;
  }

  /** Whether there is work left that needs an engine. */
  get isOpen(): boolean {
    return this.left.length > 0 || this.isCheckDue;
  }

  /** Measurements that are neither done nor given up, for any node. */
  get left(): readonly WorkItem[] {
    return [...this.pending, ...this.#elsewhere];
  }

  /** Counts a try of an item and returns how many there were, including this one. */
  begin(item: WorkItem): number {
    const attempt = 1 + (this.#attempts.get(item.id) ?? 0);
    this.#attempts.set(item.id, attempt);
    return attempt;
  }

  finish(item: WorkItem): void {
    this.finished += 1;
    this.#take(item);
  }

  skip(item: WorkItem): void {
    this.skipped += 1;
    this.#take(item);
  }

  /** Records a failed measurement and returns what follows. */
  pointFailed(item: WorkItem, failure: Failure, node: string, canMove: boolean): NextTry {
    const next = this.#next('point', item.id, failure, node, canMove);
    if (next === 'same-node') return next;
    this.#take(item);
    if (next === 'other-node') this.#elsewhere.push(item);
    else this.failed += 1;
    return next;
  }

  /** Number of failed engine starts of a class, on all nodes. */
  startFailures(failureClass: FailureClass): number {
    const counts = [...(this.#failures.get('') ?? new Map<string, number>())];
    return counts.reduce((sum, [key, count]) => sum + (key.startsWith(`${failureClass} `) ? count : 0), 0);
  }

  /** Records an engine that did not become ready and returns what follows. */
  startFailed(failure: Failure, node: string, canMove: boolean): NextTry {
    const next = this.#next('start', '', failure, node, canMove);
    if (next === 'give-up') this.giveUp();
    return next;
  }

  /** Hands the session back; any node but the avoided ones may do the rest. */
  leave(avoid: string | undefined): void {
    if (avoid !== undefined) this.avoided.add(avoid);
    this.pending.push(...this.#elsewhere.splice(0));
  }

  /** Gives up the remaining work for all nodes. */
  giveUp(): void {
    this.failed += this.left.length;
    this.leaveOut();
  }

  /** Drops the remaining work without counting it as failed. */
  leaveOut(): void {
    this.pending.length = 0;
    this.#elsewhere.length = 0;
    this.isCheckDue = false;
  }

  #take(item: WorkItem): void {
    const index = this.pending.indexOf(item);
    if (index >= 0) this.pending.splice(index, 1);
  }

  #next(
    what: 'start' | 'point',
    unit: string,
    { failureClass }: Failure,
    node: string,
    canMove: boolean,
  ): NextTry {
    const failures = this.#failures.get(unit) ?? new Map<string, number>();
    this.#failures.set(unit, failures);
    const key = `${failureClass} ${node}`;
    failures.set(key, 1 + (failures.get(key) ?? 0));
    const counts = {
      here: failures.get(key) ?? 0,
      nodes: [...failures.keys()].filter((known) => known.startsWith(`${failureClass} `)).length,
      all: [...failures.values()].reduce((sum, count) => sum + count, 0),
    };
    return nextTry(this.#rules[failureClass], what, counts, canMove);
  }
}
