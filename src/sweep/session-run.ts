import type { Engine } from '../engines/index.ts';
import { messageOf } from '../errors.ts';
import {
  EngineFailure,
  type LaunchContext,
  type Launcher,
  type Reservation,
  type RunningEngine,
  waitUntilReady,
} from '../launchers/index.ts';
import type { EngineSession, PlannedPoint } from '../plan/index.ts';
import { resultName } from '../plan/index.ts';
import type { ProvisionProgress } from '../provision/index.ts';
import type { SweepEvent } from './events.ts';
import { type Failure, type FailureClass, retryBudget } from './failure.ts';
import type { JournalEvent } from './journal.ts';
import { measurePoint, type PointContext, type PointOutcome } from './measure-point.ts';
import type { RunDirectory } from './run-directory.ts';

/** An engine and its weights, on the disk of the node that will run it. */
export interface Artifacts {
  readonly engineDir: string;
  readonly modelPath: string;
  /** What exactly was provisioned, for the raw results. */
  readonly provenance: Readonly<Record<string, unknown>>;
}

/** Everything a session needs from outside, so that tests can stand in for any of it. */
export interface SessionContext {
  readonly directory: RunDirectory;
  readonly launcher: Launcher;
  readonly engineFor: (framework: string) => Engine;
  readonly provision: (
    session: EngineSession,
    context: { readonly signal: AbortSignal; readonly onProgress: (progress: ProvisionProgress) => void },
  ) => Promise<Artifacts>;
  readonly measure: PointContext['measure'];
  /** Where the engine listens. */
  readonly host: string;
  readonly port: number;
  /** The node's name, the last part of every RESULT_FILENAME. */
  readonly node: string;
  readonly sweepId: string;
  readonly pointTimeoutS: number;
  /** Overrides the engine's own deadline for getting ready. */
  readonly readyTimeoutS?: number;
  /** Appends to the journal, then tells whoever watches. */
  readonly record: (event: JournalEvent) => Promise<void>;
  readonly tell: (event: SweepEvent) => void;
  readonly signal: AbortSignal;
}

/** What became of a session's points. */
export interface SessionOutcome {
  readonly finished: number;
  readonly failed: number;
}

/** The next thing to do after the points that one engine start could serve. */
type EngineUse = 'done' | 'start-again';

/**
 * Runs one engine session: provisions, starts the engine once, measures the points in order, and starts it again only
 * when it died and a point's retry budget allows. Throws the signal's reason when interrupted; the engine is stopped
 * on every way out.
 */
export async function runSession(
  session: EngineSession,
  points: readonly PlannedPoint[],
  context: SessionContext,
): Promise<SessionOutcome> {
  return await new SessionRun(session, points, context).run();
}

class SessionRun {
  readonly #session: EngineSession;
  readonly #context: SessionContext;
  readonly #engine: Engine;
  readonly #pending: PlannedPoint[];
  /** Failures of a point by class, because each class has its own budget. */
  readonly #failures = new Map<string, number>();
  readonly #attempts = new Map<string, number>();
  #finished = 0;
  #failed = 0;

  constructor(session: EngineSession, points: readonly PlannedPoint[], context: SessionContext) {
    this.#session = session;
    this.#context = context;
    this.#engine = context.engineFor(session.framework);
    this.#pending = [...points];
  }

  async run(): Promise<SessionOutcome> {
    const artifacts = await this.#provision();
    const place = artifacts === undefined ? undefined : await this.#reserve();
    if (artifacts !== undefined && place !== undefined) await this.#useUp(artifacts, place);
    return { finished: this.#finished, failed: this.#failed };
  }

  /** Starts the engine as often as its points need. */
  async #useUp(artifacts: Artifacts, place: Reservation): Promise<void> {
    try {
      let use: EngineUse = 'start-again';
      for (let start = 1; use === 'start-again'; start++) use = await this.#oneStart(artifacts, place, start);
    } finally {
      await place.release();
    }
  }

  get #launchContext(): LaunchContext {
    const { signal, tell } = this.#context;
    return {
      signal,
      onProgress: (progress) => tell({ type: 'waiting', sessionId: this.#session.id, ...progress }),
    };
  }

  async #reserve(): Promise<Reservation | undefined> {
    const { launcher, directory } = this.#context;
    const { id: sessionId, image, server } = this.#session;
    try {
      return await launcher.reserve(
        {
          sessionId,
          image,
          acceleratorCount: server.acceleratorCount,
          nodeCount: 1,
          workDir: directory.sessionFolder(this.#session),
        },
        this.#launchContext,
      );
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      await this.#failSession(startFailure(error, this.#engine));
      return undefined;
    }
  }

  async #provision(): Promise<Artifacts | undefined> {
    const { provision, signal, tell } = this.#context;
    const sessionId = this.#session.id;
    try {
      return await provision(this.#session, {
        signal,
        onProgress: (progress) => tell({ type: 'provision-progress', sessionId, progress }),
      });
    } catch (error) {
      signal.throwIfAborted();
      await this.#failSession({ failureClass: 'provisioning', message: messageOf(error) });
      return undefined;
    }
  }

  /** Starts the engine, measures what it can, and stops it. */
  async #oneStart(artifacts: Artifacts, place: Reservation, start: number): Promise<EngineUse> {
    const { record } = this.#context;
    const running = await this.#launch(artifacts, place, start);
    try {
      await this.#waitUntilReady(running);
      return await this.#measurePending(running, artifacts);
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      await this.#failSession(startFailure(error, this.#engine));
      return 'done';
    } finally {
      await running.stop();
      await record({ type: 'engine-stopped', sessionId: this.#session.id });
    }
  }

  async #launch(artifacts: Artifacts, place: Reservation, start: number): Promise<RunningEngine> {
    const { directory, host, port, record } = this.#context;
    const session = this.#session;
    const { argv, env } = this.#engine.command({
      engineDir: artifacts.engineDir,
      modelPath: artifacts.modelPath,
      servedModelName: session.model,
      host,
      port,
      args: session.server.args,
    });
    await record({ type: 'engine-starting', sessionId: session.id, start, argv: [...argv] });
    return await place.start(
      {
        sessionId: session.id,
        argv,
        env: { ...env, ...session.server.env },
        files: session.server.files,
        host,
        port,
        logPath: directory.engineLog(session),
      },
      this.#launchContext,
    );
  }

  async #waitUntilReady(running: RunningEngine): Promise<void> {
    const { signal, tell, record } = this.#context;
    const timeoutS = this.#context.readyTimeoutS ?? this.#engine.readyTimeoutS;
    tell({ type: 'waiting', sessionId: this.#session.id, what: 'the engine to load its weights', timeoutS });
    const afterS = await waitUntilReady(running, { healthPath: this.#engine.healthPath, timeoutS, signal });
    await record({ type: 'engine-ready', sessionId: this.#session.id, afterS });
  }

  async #measurePending(running: RunningEngine, artifacts: Artifacts): Promise<EngineUse> {
    const { record, signal } = this.#context;
    const sessionId = this.#session.id;
    for (let point = this.#pending[0]; point !== undefined; point = this.#pending[0]) {
      signal.throwIfAborted();
      const resultFilename = `${resultName(point)}_${this.#context.node}`;
      const attempt = 1 + this.#attemptsOf(point);
      await record({ type: 'point-started', sessionId, pointId: point.id, attempt });
      const outcome = await this.#measure(point, resultFilename, running, artifacts);
      if (outcome.state === 'finished') {
        await record({
          type: 'point-finished',
          sessionId,
          pointId: point.id,
          resultFilename,
          ...outcome.figures,
        });
        this.#finished += 1;
        this.#pending.shift();
        continue;
      }
      await this.#pointFailed(point, outcome.failure);
      if (outcome.failure.failureClass === 'engine-died')
        return this.#pending.length > 0 ? 'start-again' : 'done';
    }
    return 'done';
  }

  async #measure(
    point: PlannedPoint,
    resultFilename: string,
    engine: RunningEngine,
    artifacts: Artifacts,
  ): Promise<PointOutcome> {
    const { directory, pointTimeoutS: timeoutS, measure, signal, tell, sweepId, node } = this.#context;
    const session = this.#session;
    return await measurePoint(point, {
      session,
      engine,
      backend: this.#engine.loadBackend,
      directory,
      resultFilename,
      timeoutS,
      provenance: {
        sweepId,
        sessionId: session.id,
        pointId: point.id,
        node,
        server: session.server,
        ...artifacts.provenance,
      },
      measure,
      onProgress: (progress) =>
        tell({ type: 'point-progress', sessionId: session.id, pointId: point.id, progress }),
      signal,
    });
  }

  async #pointFailed(point: PlannedPoint, failure: Failure): Promise<void> {
    const kind = `${point.id} ${failure.failureClass}`;
    const failures = 1 + (this.#failures.get(kind) ?? 0);
    this.#failures.set(kind, failures);
    this.#attempts.set(point.id, 1 + this.#attemptsOf(point));
    const willRetry = failures <= retryBudget[failure.failureClass];
    const sessionId = this.#session.id;
    await this.#context.record({ type: 'point-failed', sessionId, pointId: point.id, ...failure, willRetry });
    if (willRetry) return;
    this.#failed += 1;
    this.#pending.shift();
  }

  #attemptsOf(point: PlannedPoint): number {
    return this.#attempts.get(point.id) ?? 0;
  }

  async #failSession(failure: Failure): Promise<void> {
    await this.#context.record({ type: 'session-failed', sessionId: this.#session.id, ...failure });
    this.#failed += this.#pending.length;
    this.#pending.length = 0;
  }
}

/** An engine that fails before it is ready, in the engine's own explanation where it has one. */
function startFailure(error: EngineFailure, engine: Engine): Failure {
  const failureClass: FailureClass =
    error.failureClass === 'engine-died' ? 'died-on-start' : error.failureClass;
  const reading = engine.explainExit(error.logTail);
  const message = reading === undefined ? error.message : `${error.message}: ${reading}`;
  return { failureClass, message, logTail: error.logTail };
}
