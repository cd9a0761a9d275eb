import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../defined/defined.ts';
import { type InputError, messageOf } from '../errors.ts';
import type { Failure, FailureRules } from '../failures/index.ts';
import type { EngineSession } from '../plan/index.ts';
import type { LockHolder, Release } from '../process/lock.ts';
import { adaptiveChooser, type Chooser, everyPoint } from './adaptive.ts';
import type { SessionEnd, SessionTask, SweepServices, SweepTools } from './context.ts';
import { isDiskFull } from './disk-full.ts';
import type { SweepEvent } from './events.ts';
import { checkedSessions, Journal, type JournalEvent } from './journal.ts';
import { journaled } from './located.ts';
import { claimsOf, nodesFor, type SweepNode } from './node.ts';
import { type BrokenNode, NodeUse } from './node-use.ts';
import { type Assignment, type LeftOut, schedule, type WaitingSession } from './schedule.ts';
import { runSession } from './session-run.ts';
import { itemsOf, SessionWork, type WorkItem } from './session-work.ts';
import type { Sweep, SweepDirectory } from './sweep-directory.ts';
import { SweepStopped } from './sweep-stopped.ts';

/** The tools and settings that the caller gives a sweep. */
export interface SweepContext {
  readonly tools: SweepTools;
  readonly rules: FailureRules;
  /** Every usable node, once for each pool through which it is reached. */
  readonly nodes: readonly SweepNode[];
  /**
   * Locks everything that an engine uses exclusively on a node; returns the holder if another sweep has it.
   */
  readonly lockNode: (claims: readonly string[]) => Promise<Release | LockHolder>;
  /** Estimated seconds for these measurements of a session, if known. */
  readonly estimateS: (session: EngineSession, items: readonly WorkItem[]) => number | undefined;
  /** Seconds after which nothing more is started. */
  readonly timeBudgetS?: number;
  /** Nodes that earlier sweeps found broken and that were not returned to service. */
  readonly brokenNodes?: readonly BrokenNode[];
  /** Records a broken node for later sweeps. */
  readonly onBroken?: (node: BrokenNode) => Promise<void>;
  readonly now: () => Date;
  readonly onEvent: (event: SweepEvent) => void;
  readonly signal: AbortSignal;
}

/** The outcome of a sweep's measurements, including earlier runs. */
export interface SweepOutcome {
  readonly finished: number;
  readonly failed: number;
  /** Not measured because they could not have changed the result. */
  readonly skipped: number;
  /** Not measured because there was no time or no usable node. */
  readonly leftOut: number;
  readonly interrupted: boolean;
  /** Why the whole sweep stopped. */
  readonly stopped?: Failure;
}

/** Interval in ms at which a node locked by another sweep is tried again. */
const lockPollMs = 500;

/**
 * Runs every unmeasured point of a sweep on all its nodes, with one session per node at a time, and returns
 * the outcome. Every event is in the journal before it is reported. An interrupt stops the engines and keeps
 * every finished point; calling this again with the same directory continues. Throws InputError if nothing
 * was measured because of a problem that only the user can fix, such as a port that is in use.
 */
export async function runSweep(
  directory: SweepDirectory,
  sweep: Sweep,
  context: SweepContext,
): Promise<SweepOutcome> {
  const clock = { now: context.now, monotonicMs: () => performance.now() };
  const journal = await Journal.open(directory.journal, clock);
  const { sweepId } = sweep;
  const { rules, onEvent: tell } = context;
  const record = async (event: JournalEvent): Promise<void> => {
    await append(journal, event, directory);
    tell(event);
  };
  try {
    const profile = defined({ profileS: sweep.profileS });
    const services = { sweepId, directory, rules, clock, record, tell, ...profile };
    return await new SweepRun(sweep, services, context).run();
  } finally {
    await journal.close();
  }
}

/** Throws SweepStopped if the disk stays full. */
async function append(journal: Journal, event: JournalEvent, directory: SweepDirectory): Promise<void> {
  try {
    await journal.append(event);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    const message = `cannot write ${directory.journal}: ${messageOf(error)}`;
    throw new SweepStopped({ failureClass: 'disk-full', message });
  }
}

class SweepRun {
  readonly #sweep: Sweep;
  readonly #services: SweepServices;
  readonly #context: SweepContext;
  #chooser: Chooser = everyPoint;
  readonly #startedMs: number;
  /** Aborts every session when a problem in one of them stops the sweep. */
  readonly #end = new AbortController();
  readonly #works: SessionWork[] = [];
  /** Nodes in use by this sweep, each with a promise of the end of its use. */
  readonly #busy = new Map<string, Promise<void>>();
  /** Nodes used by other sweeps when last checked. */
  readonly #taken = new Set<string>();
  readonly #toldTaken = new Map<string, number>();
  readonly #use: NodeUse;
  #leftOut = 0;
  #refusal: InputError | undefined;
  #thrown: { readonly error: unknown } | undefined;

  constructor(sweep: Sweep, services: SweepServices, context: SweepContext) {
    this.#sweep = sweep;
    this.#services = services;
    this.#context = context;
    this.#use = new NodeUse(context.nodes, context.rules, context.brokenNodes ?? []);
    this.#startedMs = services.clock.monotonicMs();
  }

  async run(): Promise<SweepOutcome> {
    const { signal } = this.#context;
    const done = await this.#services.directory.finished();
    try {
      await this.#begin(done);
      await this.#work();
      const outcome = this.#outcome(done.size, false);
      const { finished, failed, skipped, leftOut } = outcome;
      await this.#services.record({ type: 'sweep-finished', finished, failed, skipped, leftOut });
      if (finished === 0 && this.#refusal !== undefined) throw this.#refusal;
      return outcome;
    } catch (error) {
      if (error instanceof SweepStopped) {
        await this.#services
          .record({ type: 'sweep-stopped', ...journaled(error.failure) })
          .catch(() => undefined);
        return { ...this.#outcome(done.size, false), stopped: error.failure };
      }
      if (!signal.aborted) throw error;
      await this.#services.record({ type: 'sweep-interrupted' });
      return this.#outcome(done.size, true);
    }
  }

  /** Stops what crashed runs left behind, and reports the work to be done. */
  async #begin(done: ReadonlyMap<string, string>): Promise<void> {
    const { nodes, rules, timeBudgetS } = this.#context;
    const history = await this.#services.directory.history();
    if (this.#sweep.adaptive) this.#chooser = adaptiveChooser(this.#sweep.plan, history);
    const skipped = new Set(history.flatMap((line) => (line.type === 'point-skipped' ? [line.pointId] : [])));
    for (const launcher of new Set(nodes.map((node) => node.launcher)))
      for (const orphan of await launcher.endOrphans())
        await this.#services.record({ type: 'orphan-ended', ...orphan });
    const checked = checkedSessions(history);
    for (const session of this.#sweep.plan.sessions) {
      const all = itemsOf(session, this.#sweep.repeats ?? 1);
      const items = all.filter(({ id }) => !done.has(id) && !skipped.has(id));
      const isCheckDue =
        this.#context.tools.hooks?.check !== undefined &&
        all.some(({ id }) => done.has(id)) &&
        !checked.has(session.id);
      const work = new SessionWork(session, items, rules, { isCheckDue });
      if (work.isOpen) this.#works.push(work);
    }
    const checksLeft = this.#works.filter(({ left }) => left.length === 0).length;
    await this.#services.record({
      type: 'sweep-started',
      resumed: history.length > 0,
      pointsLeft: this.#works.reduce((sum, work) => sum + work.left.length, 0),
      nodes: [
        ...new Set(this.#works.flatMap(({ session }) => nodesFor(session, nodes).map(({ name }) => name))),
      ],
      ...defined({ timeBudgetS, checksLeft: checksLeft === 0 ? undefined : checksLeft }),
    });
    const pools = new Set(this.#works.map(({ session }) => session.hardware));
    for (const { node, pool, reason } of this.#use.brokenOf(pools))
      await this.#services.record({ type: 'node-quarantined', node, pool, reason });
  }

  /** Assigns sessions to nodes until nothing is left to do; throws if the sweep is interrupted or stopped. */
  async #work(): Promise<void> {
    try {
      for (;;) {
        this.#context.signal.throwIfAborted();
        if (this.#thrown !== undefined) throw this.#thrown.error;
        await this.#skipWhatNobodyNeeds();
        const { assignments, leftOut } = this.#next();
        for (const one of leftOut) await this.#leave(one);
        let allTaken = true;
        for (const one of assignments) allTaken = (await this.#assign(one)) && allTaken;
        if (!allTaken) continue;
        const waits = this.#waiting().length > 0;
        if (!waits && this.#busy.size === 0) return;
        await this.#somethingHappens(waits);
      }
    } finally {
      this.#end.abort(new Error('the sweep ends'));
      await Promise.all(this.#busy.values());
    }
  }

  /** Skips sessions without useful points before their engines start. */
  async #skipWhatNobodyNeeds(): Promise<void> {
    for (const work of this.#waiting()) {
      const { next, skips } = this.#chooser.choose(work);
      if (next !== undefined) continue;
      for (const { item, reason } of skips) {
        work.skip(item);
        const sessionId = work.session.id;
        await this.#services.record({ type: 'point-skipped', sessionId, pointId: item.id, reason });
      }
    }
  }

  #next() {
    const { nodes, timeBudgetS } = this.#context;
    const names = new Set(nodes.map(({ name }) => name));
    const free = [...names].filter((name) => this.#isFree(name) && !this.#taken.has(name));
    return schedule({
      waiting: this.#ready().map((work) => this.#waitingSession(work)),
      free: new Set(free),
      ...defined({ remainingS: timeBudgetS === undefined ? undefined : timeBudgetS - this.#elapsedS() }),
    });
  }

  /** Whether no session of this sweep uses what an engine on the node would need. */
  #isFree(name: string): boolean {
    const claims = new Set(this.#claimsOf(name));
    return [...this.#busy.keys()].every((busy) => this.#claimsOf(busy).every((claim) => !claims.has(claim)));
  }

  /** The claims of a node through all of its pools. */
  #claimsOf(name: string): string[] {
    return [...new Set(this.#context.nodes.filter((node) => node.name === name).flatMap(claimsOf))];
  }

  #waiting(): SessionWork[] {
    return this.#works.filter((work) => work.isOpen && work.node === undefined);
  }

  /** The waiting sessions whose wait time is over. */
  #ready(): SessionWork[] {
    const nowMs = this.#services.clock.monotonicMs();
    return this.#waiting().filter(({ notBeforeMs }) => notBeforeMs <= nowMs);
  }

  #waitingSession(work: SessionWork): WaitingSession {
    const estimateS = this.#context.estimateS(work.session, work.left);
    return {
      id: work.session.id,
      priority: this.#sweep.priorities?.[work.session.id] ?? 0,
      rank: this.#chooser.rank(work),
      nodes: this.#usableNodes(work).map(({ name }) => name),
      ...defined({ estimateS }),
    };
  }

  #usableNodes(work: SessionWork): SweepNode[] {
    return nodesFor(work.session, this.#context.nodes).filter(
      ({ name }) => !work.avoided.has(name) && !this.#use.isOut(name),
    );
  }

  async #leave({ sessionId, why }: LeftOut): Promise<void> {
    const work = this.#workOf(sessionId);
    const points = work.left.length;
    const estimateS = this.#context.estimateS(work.session, work.left);
    await this.#services.record({
      type: 'session-left-out',
      sessionId,
      why,
      points,
      ...defined({ estimateS }),
    });
    if (why === 'no-node') return work.giveUp();
    this.#leftOut += points;
    work.leaveOut();
  }

  /** Starts a session on a node, unless another sweep uses the node; returns whether it started. */
  async #assign({ sessionId, node: name }: Assignment): Promise<boolean> {
    // Another session assigned at the same time may have taken what both need.
    if (!this.#isFree(name)) return false;
    const release = await this.#context.lockNode(this.#claimsOf(name));
    if (typeof release !== 'function') {
      await this.#nodeIsTaken(name, release);
      return false;
    }
    const work = this.#workOf(sessionId);
    const node = this.#usableNodes(work).find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`session ${sessionId} cannot run on ${name}`);
    work.node = name;
    const done = this.#runOn(work, node)
      .catch((error: unknown) => {
        this.#thrown ??= { error };
        this.#end.abort(error);
      })
      .finally(async () => {
        work.node = undefined;
        this.#busy.delete(name);
        await release();
      });
    this.#busy.set(name, done);
    return true;
  }

  async #nodeIsTaken(node: string, { pid, host, purpose }: LockHolder): Promise<void> {
    this.#taken.add(node);
    if (this.#toldTaken.get(node) === pid) return;
    this.#toldTaken.set(node, pid);
    await this.#services.record({
      type: 'node-taken',
      node,
      pid,
      ...defined({ host, by: purpose }),
    });
  }

  async #runOn(work: SessionWork, node: SweepNode): Promise<void> {
    const { session } = work;
    // The node may have belonged to another sweep, which crashed.
    for (const orphan of await node.launcher.endOrphans())
      await this.#services.record({ type: 'orphan-ended', ...orphan });
    await this.#services.record({ type: 'session-assigned', sessionId: session.id, node: node.name });
    const finishedBefore = work.finished;
    const task: SessionTask = {
      work,
      node,
      chooser: this.#chooser,
      besideOthers: new Set(this.#context.nodes.map(({ name }) => name)).size > 1,
      canMove: () =>
        node.launcher.choosesNodes === true || this.#usableNodes(work).some(({ name }) => name !== node.name),
      exclude: [...this.#use.excludedFrom(node.pool), ...work.excluded],
      outOfTime: () =>
        this.#context.timeBudgetS !== undefined && this.#elapsedS() >= this.#context.timeBudgetS,
      signal: AbortSignal.any([this.#context.signal, this.#end.signal]),
    };
    const end = await runSession(task, this.#services, this.#context.tools);
    this.#refusal ??= end.refusal;
    const { how, nodes, waitS = 0, failures } = end;
    // A cluster that chooses nodes itself is asked for other nodes.
    const chosen = how === 'other-node' && nodes.length > 0;
    if (chosen) for (const name of failures.at(-1)?.nodes ?? nodes) work.excluded.add(name);
    work.leave(how === 'other-node' && !chosen ? node.name : undefined);
    if (how === 'later') await this.#postpone(work, node.name, failures, waitS);
    await this.#judge(work, node, end, work.finished > finishedBefore);
  }

  /** Holds a session back for a while, so that its node can do other work. */
  async #postpone(
    work: SessionWork,
    node: string,
    failures: SessionEnd['failures'],
    waitS: number,
  ): Promise<void> {
    const { clock, record } = this.#services;
    work.notBeforeMs = clock.monotonicMs() + waitS * 1000;
    const untilAt = new Date(clock.now().getTime() + waitS * 1000).toISOString();
    const why = failures.at(-1)?.message ?? 'it failed';
    await record({ type: 'session-waits', sessionId: work.session.id, node, why, untilAt });
  }

  /** Records the outcome on a node, and reports newly quarantined nodes. */
  async #judge({ session }: SessionWork, node: SweepNode, end: SessionEnd, served: boolean): Promise<void> {
    for (const { broken, ...out } of this.#use.judge(session, node, end, served)) {
      await this.#services.record({ type: 'node-quarantined', ...out });
      const sinceAt = this.#services.clock.now().toISOString();
      if (broken) await this.#context.onBroken?.({ ...out, sinceAt });
    }
  }

  /** Resolves when a session has left its node, or when it is time to try other sweeps' nodes again. */
  async #somethingHappens(waits: boolean): Promise<void> {
    const { signal } = this.#context;
    const timer = new AbortController();
    const until = AbortSignal.any([timer.signal, signal]);
    const nowMs = this.#services.clock.monotonicMs();
    const later = this.#waiting().flatMap(({ notBeforeMs }) =>
      notBeforeMs > nowMs ? [notBeforeMs - nowMs] : [],
    );
    const asks = [
      ...(waits && this.#taken.size > 0 ? [delay(lockPollMs, undefined, { signal: until })] : []),
      ...(later.length > 0 ? [delay(Math.min(...later), undefined, { signal: until })] : []),
    ];
    if (this.#busy.size + asks.length === 0) throw new Error('sessions wait for nodes that are not in use');
    await Promise.race([...this.#busy.values(), ...asks]).catch(() => undefined);
    timer.abort();
    await Promise.allSettled(asks);
    this.#taken.clear();
  }

  #workOf(sessionId: string): SessionWork {
    const work = this.#works.find(({ session }) => session.id === sessionId);
    if (work === undefined) throw new Error(`there is no session ${sessionId}`);
    return work;
  }

  #elapsedS(): number {
    return (this.#services.clock.monotonicMs() - this.#startedMs) / 1000;
  }

  #outcome(finishedBefore: number, interrupted: boolean): SweepOutcome {
    const sum = (of: (work: SessionWork) => number) =>
      this.#works.reduce((total, work) => total + of(work), 0);
    return {
      finished: finishedBefore + sum((work) => work.finished),
      failed: sum((work) => work.failed),
      skipped: sum((work) => work.skipped),
      leftOut: this.#leftOut,
      interrupted,
    };
  }
}
