import { setTimeout as delay } from 'node:timers/promises';
import { backOffS } from '../back-off.ts';
import { defined } from '../defined/defined.ts';
import type { Engine } from '../engines/index.ts';
import { InputError, messageOf, WorkError } from '../errors.ts';
import { endsTheReservation, type Failure } from '../failures/index.ts';
import { EngineFailure, type Reservation, reserveRunningServer } from '../launchers/index.ts';
import { type EngineSession, sessionBy } from '../plan/index.ts';
import { timeoutSignal } from '../timeout-signal.ts';
import type { Artifacts, SessionEnd, SessionTask, SweepServices, SweepTools } from './context.ts';
import { StartFailed, startFailure } from './engine-failure.ts';
import { versionOf } from './engine-version.ts';
import { journaled, locatedFailure, whereOf } from './located.ts';
import { reservationOf } from './reservation.ts';
import { measureSession } from './session-points.ts';
import { gaveUp, launchContext, withEngine } from './start-engine.ts';
import { SweepStopped } from './sweep-stopped.ts';

/** The session is given up on this node after this many consecutive engine starts that serve no point. */
const mostFruitlessStarts = 3;

/**
 * Runs a session on one node: provisions, starts the engine, measures the points in order, and restarts the
 * engine only if it is gone and the budgets allow. Throws the signal's reason if interrupted, and
 * SweepStopped. In every case the engine is stopped and the reservation released.
 */
export async function runSession(
  task: SessionTask,
  services: SweepServices,
  tools: SweepTools,
): Promise<SessionEnd> {
  return await new SessionRun(task, services, tools).run();
}

class SessionRun {
  readonly #task: SessionTask;
  readonly #services: SweepServices;
  readonly #tools: SweepTools;
  /** As the node's launcher starts it. */
  readonly #session: EngineSession;
  readonly #engine: Engine;
  #fruitlessStarts = 0;
  /** The cluster's nodes of the session, if the cluster chooses nodes itself. */
  #nodes: readonly string[] = [];
  readonly #failures: Failure[] = [];
  #refusal: InputError | undefined;

  constructor(task: SessionTask, services: SweepServices, tools: SweepTools) {
    this.#task = task;
    this.#services = services;
    this.#tools = tools;
    this.#session = sessionBy(task.work.session, task.node.launcherKind);
    this.#engine = tools.engineFor(task.work.session.framework);
  }

  async run(): Promise<SessionEnd> {
    let end: SessionEnd['how'] | 'again' = 'again';
    let waitS = 0;
    while (end === 'again') {
      try {
        end = await this.#oneReservation();
      } catch (error) {
        this.#task.signal.throwIfAborted();
        if (error instanceof SweepStopped) throw error;
        if (error instanceof InputError) this.#refusal = error;
        end = await this.#startFailed(failureOf(error, this.#engine));
      }
      waitS = end === 'again' ? this.#waitS() : 0;
      if (waitS > 0 && this.#waitsGrow) end = 'later';
      else if (waitS > 0) await this.#backOff(waitS);
    }
    return {
      how: end,
      ...defined({ waitS: end === 'later' ? waitS : undefined }),
      nodes: this.#nodes,
      failures: this.#failures,
      ...defined({ refusal: this.#refusal }),
    };
  }

  async #oneReservation(): Promise<SessionEnd['how'] | 'again'> {
    const artifacts = await this.#provision();
    const place = await this.#reserve(artifacts);
    try {
      for (;;) {
        const end = await this.#oneStart(artifacts, place);
        const last = this.#failures.at(-1);
        if (end !== 'again' || (last !== undefined && endsTheReservation(last.failureClass))) return end;
      }
    } finally {
      await gaveUp('releasing the reservation', () => place.release(), this.#where, this.#services);
    }
  }

  async #provision(): Promise<Artifacts> {
    const { rules, tell } = this.#services;
    const { node, signal } = this.#task;
    const limitS = rules.provisioning.deadlineS ?? Number.POSITIVE_INFINITY;
    const timeout = timeoutSignal(1000 * limitS);
    try {
      return await this.#tools.provision(this.#session, node, {
        signal: AbortSignal.any([signal, timeout]),
        onProgress: (progress) => tell({ type: 'provision-progress', ...this.#where, progress }),
      });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof InputError) throw new StartFailed('bad-input', error.message);
      // The node itself could not be reached.
      if (error instanceof EngineFailure) throw error;
      const message = timeout.aborted ? `it took longer than ${limitS} s` : messageOf(error);
      throw new StartFailed('provisioning', message);
    }
  }

  async #reserve({ server }: Artifacts): Promise<Reservation> {
    if (server !== undefined) return reserveRunningServer(server);
    const { node, signal } = this.#task;
    const workDir = this.#services.directory.sessionFolder(this.#session);
    const request = { ...reservationOf(this.#session), workDir, exclude: this.#task.exclude };
    const context = launchContext({ session: this.#session, node, signal }, this.#services);
    this.#nodes = [];
    const place = await node.launcher.reserve(request, context);
    if (node.launcher.choosesNodes === true) this.#nodes = place.nodes;
    return place;
  }

  /** Starts the engine, measures as many points as possible, and stops it. */
  async #oneStart(artifacts: Artifacts, place: Reservation): Promise<SessionEnd['how'] | 'again'> {
    const { work, node, signal } = this.#task;
    const { sweepId, directory } = this.#services;
    const [session, engine] = [this.#session, this.#engine];
    const starting = { session, engine, node, place, artifacts, start: ++work.starts, signal };
    const finishedBefore = work.finished;
    const end = await withEngine(starting, this.#services, async (running) => {
      const seat = {
        session,
        engine,
        running,
        place,
        node: node.name,
        sweepId,
        directory,
        signal,
      };
      const seated = {
        task: this.#task,
        seat,
        artifacts: {
          ...artifacts.provenance,
          image: { ...artifacts.provenance.image, ...place.image },
          ...defined({ engine_version: await versionOf(engine, running.baseUrl, signal) }),
        },
        located: (failure: Failure) => this.#located(failure),
        onFailure: (failure: Failure) => this.#failures.push(failure),
      };
      return await measureSession(seated, this.#services, this.#tools);
    });
    this.#fruitlessStarts = work.finished > finishedBefore ? 0 : this.#fruitlessStarts + 1;
    if (end !== 'again' || this.#fruitlessStarts < mostFruitlessStarts) return end;
    const last = this.#failures.at(-1)?.message ?? 'no point could be measured';
    throw new StartFailed(
      'died-on-start',
      `${mostFruitlessStarts} starts served no point; the last: ${last}`,
    );
  }

  async #startFailed(unlocated: Failure): Promise<SessionEnd['how'] | 'again'> {
    const { work, node, canMove } = this.#task;
    const failure = this.#located(unlocated);
    this.#failures.push(failure);
    const next = work.startFailed(failure, whereOf(failure, node.name), canMove());
    await this.#services.record({ type: 'session-failed', ...this.#where, ...journaled(failure), next });
    return next === 'same-node' ? 'again' : next === 'other-node' ? 'other-node' : 'done';
  }

  #located(failure: Failure): Failure {
    return locatedFailure(failure, this.#nodes);
  }

  /** Seconds to wait before the next try after the last failure. */
  #waitS(): number {
    const last = this.#failures.at(-1);
    if (last === undefined) return 0;
    const { failureClass } = last;
    const failures = this.#task.work.startFailures(failureClass);
    const { backoffS: firstS, mostBackoffS: longestS = firstS } = this.#services.rules[failureClass];
    return backOffS({ firstS, longestS }, failures, Math.random());
  }

  /**
   * Whether waits grow with each failure. If so, the session leaves its node while it waits, so that the node
   * can do other work.
   */
  get #waitsGrow(): boolean {
    const last = this.#failures.at(-1);
    return last !== undefined && this.#services.rules[last.failureClass].mostBackoffS !== undefined;
  }

  async #backOff(waitS: number): Promise<void> {
    const { signal } = this.#task;
    const timeoutS = Math.ceil(waitS);
    this.#services.tell({ type: 'waiting', ...this.#where, what: 'the next try', timeoutS });
    await delay(waitS * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  get #where() {
    return { sessionId: this.#session.id, node: this.#task.node.name };
  }
}

/** Converts the error of a start into a failure; rethrows unknown errors, which are bugs. */
function failureOf(error: unknown, engine: Engine): Failure {
  if (error instanceof EngineFailure) return startFailure(error, engine);
  if (error instanceof InputError) return { failureClass: 'node-busy', message: error.message };
  if (error instanceof WorkError) return { failureClass: 'cannot-start', message: error.message };
  if (error instanceof StartFailed) return { failureClass: error.failureClass, message: error.message };
  throw error;
}
