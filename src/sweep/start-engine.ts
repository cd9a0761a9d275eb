import { type Engine, sessionCommand } from '../engines/index.ts';
import {
  type LaunchContext,
  type LaunchRequest,
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
  const { session, node, place, start, record } = starting;
  const request = launchRequest(starting);
  const argv = [request.argv, ...(request.steps ?? []).map((step) => step.argv)].flat();
  await record({ type: 'engine-starting', sessionId: session.id, node: node.name, start, argv });
  return await place.start(request, launchContext(starting));
}

/** What the launcher is to run: one process, or the steps of an engine of several nodes. */
function launchRequest({ session, engine, node, artifacts, directory }: EngineStart): LaunchRequest {
  const { host, port, env } = node;
  const { engineDir, modelPath } = artifacts;
  const command = sessionCommand(engine, session, { engineDir, modelPath, host, port, env });
  const { files } = command;
  const shared = { sessionId: session.id, files, host, port, logPath: directory.engineLog(session) };
  if (command.kind === 'process') return { ...shared, argv: command.argv, env: command.env };
  return { ...shared, argv: [], env: {}, steps: command.steps };
}

async function waitUntilItIsReady(running: RunningEngine, starting: EngineStart): Promise<void> {
  const { session, engine, node, readyTimeoutS: timeoutS, record, tell, signal } = starting;
  const [sessionId, nodeName] = [session.id, node.name];
  tell({ type: 'waiting', sessionId, node: nodeName, what: 'the engine to load its weights', timeoutS });
  const afterS = await waitUntilReady(running, { healthPath: engine.readiness.path, timeoutS, signal });
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
