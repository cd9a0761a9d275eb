import { type Engine, sessionCommand } from '../engines/index.ts';
import { InputError, WorkError } from '../errors.ts';
import {
  type LaunchContext,
  type LaunchRequest,
  type Reservation,
  type RunningEngine,
  waitUntilReady,
} from '../launchers/index.ts';
import type { EngineSession } from '../plan/index.ts';
import type { Artifacts, SweepServices } from './context.ts';
import { StartFailed } from './engine-failure.ts';
import type { SweepNode } from './node.ts';
import { profileFolder } from './point-profile.ts';

/** The parts of a session on a node that its launcher needs. */
export interface SessionPlace {
  readonly session: EngineSession;
  readonly node: SweepNode;
  readonly signal: AbortSignal;
}

/** One start of a session's engine. */
export interface SessionStart extends SessionPlace {
  readonly engine: Engine;
  readonly place: Reservation;
  readonly artifacts: Artifacts;
  /** The number of this engine start in the session, counted from 1. */
  readonly start: number;
}

/**
 * Starts a session's engine, calls `use` when it is ready, and always stops it afterwards. Throws
 * EngineFailure if it does not become ready, StartFailed if it has no command on this node, and whatever
 * `use` throws.
 */
export async function withEngine<T>(
  starting: SessionStart,
  services: SweepServices,
  use: (engine: RunningEngine) => Promise<T>,
): Promise<T> {
  const { session, node } = starting;
  const running = await launch(starting, services);
  try {
    await waitUntilItIsReady(running, starting, services);
    return await use(running);
  } finally {
    const where = { sessionId: session.id, node: node.name };
    if (await gaveUp('stopping the engine', () => running.stop(), where, services))
      await services.record({ type: 'engine-stopped', ...where });
  }
}

/**
 * Releases something at the end of a session and returns whether that worked. An error is journaled and does
 * not replace the session's outcome. The engine's record stays, so the next run stops what is left.
 */
export async function gaveUp(
  what: string,
  giveUp: () => Promise<void>,
  where: { readonly sessionId: string; readonly node: string },
  { record }: Pick<SweepServices, 'record'>,
): Promise<boolean> {
  try {
    await giveUp();
    return true;
  } catch (error) {
    if (!(error instanceof WorkError)) throw error;
    await record({ type: 'hook-failed', ...where, what, message: error.message });
    return false;
  }
}

async function launch(starting: SessionStart, services: SweepServices): Promise<RunningEngine> {
  const { session, node, place, start } = starting;
  const request = launchRequest(starting, services);
  const argv = [request.argv, ...(request.steps ?? []).map((step) => step.argv)].flat();
  await services.record({ type: 'engine-starting', sessionId: session.id, node: node.name, start, argv });
  return await place.start(request, launchContext(starting, services));
}

/** What the launcher should run: one process, or the steps of a multi-node engine. */
function launchRequest(starting: SessionStart, { directory, profileS }: SweepServices): LaunchRequest {
  const { session, node } = starting;
  const { host, port } = node;
  const command = commandOf(starting, profileS === undefined ? undefined : profileFolder);
  const { files } = command;
  const shared = { sessionId: session.id, files, host, port, logPath: directory.engineLog(session) };
  if (command.kind === 'process') return { ...shared, argv: command.argv, env: command.env };
  return { ...shared, argv: [], env: {}, steps: command.steps };
}

function commandOf(
  { session, engine, node: { host, port, env }, artifacts }: SessionStart,
  profile: string | undefined,
) {
  const { engineDir, program, modelPath, server } = artifacts;
  if (server !== undefined) return { kind: 'process', argv: [], env: {}, files: [] } as const;
  try {
    const own = { ...artifacts.env, ...env };
    return sessionCommand(engine, session, {
      engineDir,
      program,
      modelPath,
      host,
      port,
      env: own,
      profileFolder: profile,
    });
  } catch (error) {
    if (error instanceof InputError) throw new StartFailed('bad-input', error.message);
    throw error;
  }
}

async function waitUntilItIsReady(
  running: RunningEngine,
  { session, engine, node, signal }: SessionStart,
  { rules, record, tell }: SweepServices,
): Promise<void> {
  const { path: healthPath } = engine.readiness;
  const timeoutS = rules['never-ready'].deadlineS ?? engine.readiness.timeoutS;
  const where = { sessionId: session.id, node: node.name };
  tell({ type: 'waiting', ...where, what: 'the engine to be ready', timeoutS });
  const onQuiet = (quiet: string) =>
    tell({ type: 'waiting', ...where, what: `the engine to be ready: ${quiet}`, timeoutS });
  const afterS = await waitUntilReady(running, { healthPath, timeoutS, signal, onQuiet });
  await record({ type: 'engine-ready', ...where, afterS });
}

/** The context in which a launcher reports its waits. */
export function launchContext(
  { session, node, signal }: SessionPlace,
  { tell }: SweepServices,
): LaunchContext {
  return {
    signal,
    onProgress: (progress) => tell({ type: 'waiting', sessionId: session.id, node: node.name, ...progress }),
  };
}
