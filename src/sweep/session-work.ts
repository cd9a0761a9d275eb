import type { Failure, FailureClass, FailureRules } from '../failures/index.ts';
import type { EngineSession, PlannedPoint } from '../plan/index.ts';
import { type NextTry, nextTry } from './next-try.ts';

/** One measurement to make: a point, or one of its repeats. */
export interface WorkItem {
  /** The point's id; repeats after the first have a suffix. */
  readonly id: string;
  readonly point: PlannedPoint;
  /** From 1. */
  readonly repeat: number;
}

/** Every measurement of a session: all points once, then all again, so that a drift shows between the repeats. */
export function itemsOf(session: EngineSession, repeats: number): WorkItem[] {
  return Array.from({ length: repeats }, (_, index) => index + 1).flatMap((repeat) =>
    session.points.map((point) => ({
      id: repeat === 1 ? point.id : `${point.id}_r${repeat}`,
      point,
      repeat,
    })),
  );
}

/** What is left to do of one session and what has gone wrong with it so far, wherever it ran. */
export class SessionWork {
  readonly session: EngineSession;
  /** To be measured on the node that has the session now, in order. */
  readonly pending: WorkItem[];
  /** To be measured on another node. */
  readonly #elsewhere: WorkItem[] = [];
  /** Nodes that the session is not to be given again. */
  readonly avoided = new Set<string>();
  /** The same of nodes that a place chooses itself, by its own names. */
  readonly excluded = new Set<string>();
  /** It is not given a node before this moment of the sweep's clock, milliseconds. */
  notBeforeMs = Number.NEGATIVE_INFINITY;
  readonly #failures = new Map<string, Map<string, number>>();
  readonly #attempts = new Map<string, number>();
  readonly #rules: FailureRules;
  /** The node that has it now. */
  node: string | undefined;
  finished = 0;
  failed = 0;
  skipped = 0;
  starts = 0;
  /** Whether points of it were measured before whose engine was not checked, as the run ended first. */
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

  /** Whether there is something left to start an engine for. */
  get isOpen(): boolean {
    return this.left.length > 0 || this.isCheckDue;
  }

  /** Measurements that are neither made nor given up, wherever they are to be made. */
  get left(): readonly WorkItem[] {
    return [...this.pending, ...this.#elsewhere];
  }

  /** How often an item has been begun, this time included. */
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

  /** Accounts for a failed measurement and returns what is done about it. */
  pointFailed(item: WorkItem, failure: Failure, node: string, canMove: boolean): NextTry {
    const next = this.#next('point', item.id, failure, node, canMove);
    if (next === 'same-node') return next;
    this.#take(item);
    if (next === 'other-node') this.#elsewhere.push(item);
    else this.failed += 1;
    return next;
  }

  /** Failures of a class that kept its engine from getting ready, wherever it was. */
  startFailures(failureClass: FailureClass): number {
    const counts = [...(this.#failures.get('') ?? new Map<string, number>())];
    return counts.reduce((sum, [key, count]) => sum + (key.startsWith(`${failureClass} `) ? count : 0), 0);
  }

  /** Accounts for an engine that did not get ready and returns what is done about it. */
  startFailed(failure: Failure, node: string, canMove: boolean): NextTry {
    const next = this.#next('start', '', failure, node, canMove);
    if (next === 'give-up') this.giveUp();
    return next;
  }

  /** Hands the session back; what is left is then for any node but those it is to avoid. */
  leave(avoid: string | undefined): void {
    if (avoid !== undefined) this.avoided.add(avoid);
    this.pending.push(...this.#elsewhere.splice(0));
  }

  /** Gives up everything that is left, on this node and on others. */
  giveUp(): void {
    this.failed += this.left.length;
    this.leaveOut();
  }

  /** Forgets what is left without counting it as failed. */
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
