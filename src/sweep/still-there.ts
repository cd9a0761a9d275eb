import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 500;
const answerMs = 5_000;

/**
 * Whether an engine whose requests failed still listens. Where it does not, it is given `deadlineS` to listen again, or
 * its launcher to say that it has ended, which aborts `enough`.
 */
export async function isStillThere(url: string, deadlineS: number, enough: AbortSignal): Promise<boolean> {
  const giveUpAtMs = performance.now() + deadlineS * 1000;
  for (;;) {
    if ((await isListening(url, enough)) || enough.aborted) return true;
    if (performance.now() > giveUpAtMs) return false;
    await delay(pollMs, undefined, { signal: enough }).catch(() => undefined);
  }
}

/** Whether a connection is taken, whatever is answered on it, if anything. */
async function isListening(url: string, signal: AbortSignal): Promise<boolean> {
  const patience = AbortSignal.timeout(answerMs);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, patience]) });
    await response.body?.cancel();
    return true;
  } catch {
    // What is silent has taken the connection, or its host is gone: of that the launcher will tell.
    return patience.aborted;
  }
}
