import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from '../engines/index.ts';
import { InputError, messageOf, WorkError } from '../errors.ts';
import { endsTheReservation, type Failure, type FailureClass, type FailureRules } from '../failures/index.ts';
import { EngineFailure, type Reservation } from '../launchers/index.ts';
import { type EngineSession, nodesOf, sessionBy } from '../plan/index.ts';
import type { ProvisionProgress } from '../provision/index.ts';
import type { Chooser } from './adaptive.ts';
import { startFailure } from './engine-failure.ts';
import type { SweepEvent } from './events.ts';
import type { SessionHooks } from './hooks.ts';
import type { JournalEvent } from './journal.ts';
import type { Measure } from './measure-point.ts';
import type { SweepNode } from './node.ts';
import type { RunDirectory } from './run-directory.ts';
import { measureSession } from './session-points.ts';
import type { SessionWork } from './session-work.ts';
import { launchContext, withEngine } from './start-engine.ts';
import { SweepStopped } from './sweep-stopped.ts';

/** An engine and its weights, where the node that will run it finds them. */
export interface Artifacts {
  /** Absent where the engine comes in a container image. */
  readonly engineDir?: string;
  readonly modelPath: string;
  /** What exactly was provisioned, for the raw results. */
  readonly provenance: Readonly<Record<string, unknown>>;
}

/** Everything a session needs from outside, so that tests can stand in for any of it. */
export interface SessionContext {
  readonly directory: RunDirectory;
  readonly sweepId: string;
  readonly rules: FailureRules;
  readonly engineFor: (framework: string) => Engine;
  readonly provision: (
    session: EngineSession,
    node: SweepNode,
    context: { readonly signal: AbortSignal; readonly onProgress: (progress: ProvisionProgress) => void },
  ) => Promise<Artifacts>;
  readonly measure: Measure;
  readonly chooser: Chooser;
  readonly hooks?: SessionHooks;
  /** Facts about this product and this machine for every raw result. */
  readonly provenance: Readonly<Record<string, unknown>>;
  /** Whether other sessions may run at the same time. */
  readonly besideOthers: boolean;
  /** Whether another node could still do what is left of the session. */
  readonly canMove: () => boolean;
  /** Whether the time budget is used up; asked before each point. */
  readonly outOfTime: () => boolean;
  /** Appends to the journal, then tells whoever watches. */
  readonly record: (event: JournalEvent) => Promise<void>;
  readonly tell: (event: SweepEvent) => void;
  readonly signal: AbortSignal;
}

/** Why a session leaves its node. */
export interface SessionEnd {
  /** Nothing is left, what is left is for another node, or the time is over. */
  readonly how: 'done' | 'other-node' | 'no-time';
  /** Everything that went wrong on the node. */
  readonly failures: readonly Failure[];
  /** What a node refused for a reason that its user must remove, such as a port that is taken. */
  readonly refusal?: InputError;
}

/** Engine starts in a row that may serve no point at all before the session is given up on this node. */
const mostFruitlessStarts = 3;

/**
 * Runs a session on one node: provisions, starts the engine once, measures the points in order, and starts it again
 * only when it is gone and the budgets allow. Throws the signal's reason when interrupted, and SweepStopped; the engine
 * is stopped, and what was reserved given back, on every way out.
 */
export async function runSession(
  work: SessionWork,
  node: SweepNode,
  context: SessionContext,
): Promise<SessionEnd> {
  return await new SessionRun(work, node, context).run();
}

class SessionRun {
  readonly #work: SessionWork;
  readonly #session: EngineSession;
  readonly #node: SweepNode;
  readonly #context: SessionContext;
  readonly #engine: Engine;
  #fruitlessStarts = 0;
  readonly #failures: Failure[] = [];
  #refusal: InputError | undefined;

  constructor(work: SessionWork, node: SweepNode, context: SessionContext) {
    this.#work = work;
    this.#session = sessionBy(work.session, node.launcherKind);
    this.#node = node;
    this.#context = context;
    this.#engine = context.engineFor(work.session.framework);
  }

  async run(): Promise<SessionEnd> {
    let end: SessionEnd['how'] | 'again' = 'again';
    while (end === 'again') {
      try {
        end = await this.#oneReservation();
      } catch (error) {
        this.#context.signal.throwIfAborted();
        if (error instanceof SweepStopped) throw error;
        if (error instanceof InputError) this.#refusal = error;
        end = await this.#startFailed(failureOf(error, this.#engine));
      }
      if (end === 'again') await this.#backOff();
    }
    return {
      how: end,
      failures: this.#failures,
      ...(this.#refusal === undefined ? {} : { refusal: this.#refusal }),
    };
  }

  async #oneReservation(): Promise<SessionEnd['how'] | 'again'> {
    const artifacts = await this.#provision();
    const place = await this.#reserve();
    try {
      for (;;) {
        const end = await this.#oneStart(artifacts, place);
        const last = this.#failures.at(-1);
        if (end !== 'again' || (last !== undefined && endsTheReservation(last.failureClass))) return end;
      }
    } finally {
      await place.release();
    }
  }

  async #provision(): Promise<Artifacts> {
    const { provision, rules, signal, tell } = this.#context;
    const [sessionId, node] = [this.#session.id, this.#node.name];
    const limitS = rules.provisioning.deadlineS ?? Number.POSITIVE_INFINITY;
    const timeout = AbortSignal.timeout(Math.min(limitS * 1000, 2 ** 31 - 1));
    try {
      return await provision(this.#session, this.#node, {
        signal: AbortSignal.any([signal, timeout]),
        onProgress: (progress) => tell({ type: 'provision-progress', sessionId, node, progress }),
      });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof InputError) throw new StartFailed('bad-input', error.message);
      const message = timeout.aborted ? `it took longer than ${limitS} s` : messageOf(error);
      throw new StartFailed('provisioning', message);
    }
  }

  async #reserve(): Promise<Reservation> {
    const { id: sessionId, image, server } = this.#session;
    const nodeCount = nodesOf(server);
    const request = {
      sessionId,
      image,
      acceleratorCount: Math.ceil(server.acceleratorCount / nodeCount),
      nodeCount,
      workDir: this.#context.directory.sessionFolder(this.#session),
    };
    const watch = { ...this.#context, session: this.#session, node: this.#node };
    return await this.#node.launcher.reserve(request, launchContext(watch));
  }

  /** Starts the engine, measures what it can, and stops it. */
  async #oneStart(artifacts: Artifacts, place: Reservation): Promise<SessionEnd['how'] | 'again'> {
    const starting = {
      ...this.#context,
      session: this.#session,
      engine: this.#engine,
      node: this.#node,
      place,
      artifacts,
      start: ++this.#work.starts,
      readyTimeoutS: this.#context.rules['never-ready'].deadlineS ?? this.#engine.readiness.timeoutS,
    };
    const finishedBefore = this.#work.finished;
    const end = await withEngine(starting, async (running) => {
      const { sweepId, directory, signal } = this.#context;
      const { session } = this.#work;
      const seat = {
        session,
        engine: this.#engine,
        running,
        place,
        node: this.#node.name,
        sweepId,
        directory,
        signal,
      };
      return await measureSession({
        ...this.#context,
        work: this.#work,
        seat,
        artifacts: artifacts.provenance,
        onFailure: (failure) => this.#failures.push(failure),
      });
    });
    this.#fruitlessStarts = this.#work.finished > finishedBefore ? 0 : this.#fruitlessStarts + 1;
    if (end !== 'again' || this.#fruitlessStarts < mostFruitlessStarts) return end;
    const last = this.#failures.at(-1)?.message ?? 'no point could be measured';
    throw new StartFailed(
      'died-on-start',
      `${mostFruitlessStarts} starts served no point; the last: ${last}`,
    );
  }

  async #startFailed(failure: Failure): Promise<SessionEnd['how'] | 'again'> {
    const { record, canMove } = this.#context;
    this.#failures.push(failure);
    const next = this.#work.startFailed(failure, this.#node.name, canMove());
    const where = { sessionId: this.#session.id, node: this.#node.name };
    await record({ type: 'session-failed', ...where, ...failure, next });
    return next === 'same-node' ? 'again' : next === 'other-node' ? 'other-node' : 'done';
  }

  /** Waits as long as the last failure asks before the next try. */
  async #backOff(): Promise<void> {
    const { rules, signal, tell } = this.#context;
    const last = this.#failures.at(-1);
    const backoffS = last === undefined ? 0 : rules[last.failureClass].backoffS;
    if (backoffS === 0) return;
    const [sessionId, node] = [this.#session.id, this.#node.name];
    tell({ type: 'waiting', sessionId, node, what: 'the next try', timeoutS: backoffS });
    await delay(backoffS * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** A session that cannot start its engine, for a reason that no engine gave. */
class StartFailed extends Error {
  readonly failureClass: FailureClass;

  constructor(failureClass: FailureClass, message: string) {
    super(message);
    this.failureClass = failureClass;
  }
}

/** What a start that threw is to the sweep. Rethrows what is a mistake of ours. */
function failureOf(error: unknown, engine: Engine): Failure {
  if (error instanceof EngineFailure) return startFailure(error, engine);
  if (error instanceof InputError) return { failureClass: 'node-busy', message: error.message };
  if (error instanceof WorkError) return { failureClass: 'cannot-start', message: error.message };
  if (error instanceof StartFailed) return { failureClass: error.failureClass, message: error.message };
  throw error;
}
