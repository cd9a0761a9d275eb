import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../defined/defined.ts';
import { messageOf } from '../errors.ts';
import { timeoutSignal } from '../timeout-signal.ts';
import { EngineFailure } from './engine-failure.ts';
import { engineLogs, logTail } from './engine-log.ts';
import type { EngineExit, RunningEngine } from './launcher.ts';
import { LogWatch, type QuietLog } from './quiet-log.ts';
import { whatItDoes } from './what-it-does.ts';

const pollMs = 100;
const probeTimeoutMs = 5_000;
const lookMs = 5_000;
/** Loading weights and capturing graphs log more often than this. */
const defaultQuietS = 600;

export interface ReadinessWait {
  readonly healthPath: string;
  readonly timeoutS: number;
  readonly signal: AbortSignal;
  /** After this many seconds without new content, a log counts as quiet. */
  readonly quietS?: number;
  /** Called with a description of the quiet logs, and again after every further `quietS` seconds. */
  readonly onQuiet?: (what: string) => void;
}

/**
 * Polls the health path until it returns 200; returns the seconds it took. Throws EngineFailure if the engine ends
 * first, if another server answers, or at the deadline; throws the signal's reason if aborted.
 */
export async function waitUntilReady(
  engine: RunningEngine,
  { healthPath, timeoutS, signal, quietS = defaultQuietS, onQuiet }: ReadinessWait,
): Promise<number> {
  const start = performance.now();
  let exit: EngineExit | undefined;
  void engine.exited.then((ended) => {
    exit = ended;
  });
  const watch = new LogWatch(engine);
  let quiet: readonly QuietLog[] = [];
  let [lookedMs, reportedS] = [Number.NEGATIVE_INFINITY, 0];
  let last = 'no answer';
  for (;;) {
    const nowMs = performance.now();
    const leftMs = timeoutS * 1000 - (nowMs - start);
    if (leftMs <= 0) break;
    signal.throwIfAborted();
    if (exit !== undefined) throw await engineDied(engine, exit);
    if (nowMs - lookedMs >= Math.min(lookMs, quietS * 250)) {
      lookedMs = nowMs;
      quiet = await watch.look(nowMs, quietS);
      const silentS = quiet[0]?.silentS ?? 0;
      if (silentS < reportedS) reportedS = 0;
      if (quiet.length > 0 && silentS >= reportedS + quietS) {
        reportedS = silentS;
        // Collecting the description must not delay the readiness check.
        void tellOf(quiet, engine, onQuiet);
      }
    }
    try {
      const response = await fetch(`${engine.baseUrl}${healthPath}`, {
        signal: AbortSignal.any([signal, timeoutSignal(Math.min(probeTimeoutMs, leftMs))]),
      });
      await response.body?.cancel();
      if (response.ok) {
        await engine.listener?.();
        return (performance.now() - start) / 1000;
      }
      last = `HTTP ${response.status}`;
    } catch (error) {
      if (error instanceof EngineFailure) throw error;
      last = messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
    }
    await Promise.race([delay(pollMs, undefined, { signal }).catch(() => undefined), engine.exited]);
  }
  const does = quiet.length === 0 ? undefined : await whatItDoes(quiet, engine);
  const said = does === undefined ? '' : `; ${does}`;
  throw new EngineFailure(
    'never-ready',
    `the engine was not ready after ${timeoutS} s (${engine.baseUrl}${healthPath}: ${last})${said}`,
    await logTail(engine.logPath),
    { logs: await engineLogs(engine), facts: { ...(await factsOf(engine)), hung: true } },
  );
}

async function tellOf(
  quiet: readonly QuietLog[],
  engine: RunningEngine,
  onQuiet: ReadinessWait['onQuiet'],
): Promise<void> {
  const does = await whatItDoes(quiet, engine).catch(messageOf);
  if (does !== undefined) onQuiet?.(does);
}

/** The failure for an engine that ended unexpectedly. */
export async function engineDied(engine: RunningEngine, exit: EngineExit): Promise<EngineFailure> {
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  const { failureClass, message } = exit.reason ?? {
    failureClass: 'engine-died',
    message: `the engine exited with ${how}`,
  };
  return new EngineFailure(failureClass, message, await logTail(engine.logPath), {
    logs: await engineLogs(engine, exit.logPath),
    facts: { ...(await factsOf(engine)), signal: exit.signal, ...defined({ kernelKills: exit.kernelKills }) },
    ...defined({ nodes: exit.nodes }),
  });
}

async function factsOf({ acceleratorsPerNode, deviceTrouble }: RunningEngine) {
  return defined({ acceleratorsPerNode, deviceTrouble: await deviceTrouble?.() });
}
