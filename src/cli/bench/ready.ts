import { setTimeout as delay } from 'node:timers/promises';
import { WorkError } from '../../errors.ts';
import { type AskedServer, ask, LoadError, shownServer } from '../../load/index.ts';

const askEveryMs = 500;
const tellEveryMs = 10_000;

/**
 * Waits until `/health` answers with anything but a server error. Throws WorkError after `timeoutS`, and LoadError
 * immediately if the certificate is rejected. A timeout of 0 skips the wait.
 */
export async function untilReady(
  server: AskedServer,
  timeoutS: number,
  signal: AbortSignal,
  onNote: (note: string) => void,
): Promise<void> {
  if (timeoutS === 0) return;
  const address = `${shownServer(server.baseUrl)}/health`;
  const deadlineMs = performance.now() + 1000 * timeoutS;
  let answer = 'no answer';
  let toldMs = Number.NEGATIVE_INFINITY;
  while (performance.now() < deadlineMs && !signal.aborted) {
    try {
      const { status } = await ask(server, {
        path: '/health',
        signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
      });
      if (status < 500) return;
      answer = `status ${status}`;
    } catch (error) {
      // A rejected certificate stays rejected; other errors mean that the server is not up yet.
      if (error instanceof LoadError) throw error;
    }
    if (performance.now() - toldMs >= tellEveryMs) {
      toldMs = performance.now();
      const leftS = Math.max(0, deadlineMs - toldMs) / 1000;
      onNote(`waiting for ${address} to be ready (${answer}), at most ${leftS.toFixed(0)} s more`);
    }
    await delay(askEveryMs, undefined, { signal }).catch(() => {});
  }
  signal.throwIfAborted();
  throw new WorkError(`${address} was not ready after ${timeoutS} s: ${answer}`, {
    code: 'cannot-connect',
    hint: "check the server's log, or raise --ready-check-timeout-sec",
  });
}
