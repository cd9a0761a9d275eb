import { setTimeout as delay } from 'node:timers/promises';
import { openFile } from '../bounded-read.ts';
import { messageOf } from '../errors.ts';
import { EngineFailure } from './engine-failure.ts';
import type { EngineExit, RunningEngine } from './launcher.ts';

const pollMs = 100;
const probeTimeoutMs = 5_000;
const logTailBytes = 4_096;

/**
 * Polls the health path until it answers 200. Throws EngineFailure when the engine ends first, when what
 * answers is not the engine, or when the deadline passes, and the signal's reason when aborted. Returns the seconds it took.
 */
export async function waitUntilReady(
  engine: RunningEngine,
  { healthPath, timeoutS, signal }: { healthPath: string; timeoutS: number; signal: AbortSignal },
): Promise<number> {
  const start = performance.now();
  let exit: EngineExit | undefined;
  void engine.exited.then((ended) => {
    exit = ended;
  });
  let last = 'no answer';
  for (;;) {
    const leftMs = timeoutS * 1000 - (performance.now() - start);
    if (leftMs <= 0) break;
    signal.throwIfAborted();
    if (exit !== undefined) throw await engineDied(engine, exit);
    try {
      const response = await fetch(`${engine.baseUrl}${healthPath}`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(Math.min(probeTimeoutMs, leftMs)))]),
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
  throw new EngineFailure(
    'never-ready',
    `the engine was not ready after ${timeoutS} s (${engine.baseUrl}${healthPath}: ${last})`,
    await logTail(engine.logPath),
  );
}

/** The failure that an engine's unasked end is. */
export async function engineDied(engine: RunningEngine, exit: EngineExit): Promise<EngineFailure> {
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  const { failureClass, message } = exit.reason ?? {
    failureClass: 'engine-died',
    message: `the engine ended with ${how}`,
  };
  return new EngineFailure(failureClass, message, await logTail(engine.logPath));
}

/** The last lines of a log, at most 4 KiB of them; empty when there is none, or something else in its place. */
export async function logTail(path: string): Promise<string> {
  try {
    const handle = await openFile(path, { followLinks: false });
    try {
      const { size } = await handle.stat();
      const start = Math.max(0, size - logTailBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(logTailBytes), 0, logTailBytes, start);
      const text = buffer.toString('utf8', 0, bytesRead);
      return (start > 0 ? text.slice(text.indexOf('\n') + 1) : text).trimEnd();
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
