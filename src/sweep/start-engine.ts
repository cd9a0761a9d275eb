import type { Engine } from '../engines/index.ts';
import {
  type LaunchContext,
  type Reservation,
  type RunningEngine,
  waitUntilReady,
} from '../launchers/index.ts';
import type { EngineSession } from '../plan/index.ts';
import type { SweepEvent } from './events.ts';
import type { JournalEvent } from './journal.ts';
import type { SweepNode } from './node.ts';
import type { RunDirectory } from './run-directory.ts';
import type { Artifacts } from './session-run.ts';

export interface EngineStart {
  readonly session: EngineSession;
  readonly engine: Engine;
  readonly node: SweepNode;
  readonly place: Reservation;
  readonly artifacts: Artifacts;
  /** Which start of the session's engine this is, from 1. */
  readonly start: number;
  /** How long it may take to get ready, seconds. */
  readonly readyTimeoutS: number;
  readonly directory: RunDirectory;
  readonly record: (event: JournalEvent) => Promise<void>;
  readonly tell: (event: SweepEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Starts a session's engine, has `use` use it once it is ready, and stops it on every way out. Throws EngineFailure
 * when it does not get ready, and whatever `use` throws.
 */
export async function withEngine<T>(
  starting: EngineStart,
  use: (engine: RunningEngine) => Promise<T>,
): Promise<T> {
  const { session, node, record } = starting;
  const running = await launch(starting);
  try {
    await waitUntilItIsReady(running, starting);
    return await use(running);
  } finally {
    await running.stop();
    await record({ type: 'engine-stopped', sessionId: session.id, node: node.name });
  }
}

async function launch(starting: EngineStart): Promise<RunningEngine> {
  const { session, node, place, start, directory, record } = starting;
  const command = engineCommand(starting);
  const argv = [command.argv, ...(command.steps ?? []).map((step) => step.argv)].flat();
  await record({ type: 'engine-starting', sessionId: session.id, node: node.name, start, argv });
  const request = { sessionId: session.id, ...command, logPath: directory.engineLog(session) };
  return await place.start(request, launchContext(starting));
}

/** What the launcher is to run: one process, or the steps of an engine of several nodes. */
function engineCommand({ session, engine, node, artifacts }: EngineStart) {
  const { server, model } = session;
  const { host, port } = node;
  const request = {
    ...(artifacts.engineDir === undefined ? {} : { engineDir: artifacts.engineDir }),
    modelPath: artifacts.modelPath,
    servedModelName: model,
    host,
    port,
  };
  if (server.disaggregated === undefined || engine.steps === undefined) {
    const { argv, env } = engine.command({ ...request, args: server.args });
    return { argv, env: { ...env, ...server.env }, files: server.files, host, port };
  }
  const files = [...server.files, ...server.disaggregated.workers.flatMap((worker) => worker.files)];
  return { argv: [], env: server.env, files, steps: engine.steps({ ...request, server }), host, port };
}

async function waitUntilItIsReady(running: RunningEngine, starting: EngineStart): Promise<void> {
  const { session, engine, node, readyTimeoutS: timeoutS, record, tell, signal } = starting;
  const [sessionId, nodeName] = [session.id, node.name];
  tell({ type: 'waiting', sessionId, node: nodeName, what: 'the engine to load its weights', timeoutS });
  const afterS = await waitUntilReady(running, { healthPath: engine.healthPath, timeoutS, signal });
  await record({ type: 'engine-ready', sessionId, node: nodeName, afterS });
}

/** What a launcher is told to tell of its waits. */
export function launchContext({
  session,
  node,
  tell,
  signal,
}: Pick<EngineStart, 'session' | 'node' | 'tell' | 'signal'>): LaunchContext {
  return {
    signal,
    onProgress: (progress) => tell({ type: 'waiting', sessionId: session.id, node: node.name, ...progress }),
  };
}
