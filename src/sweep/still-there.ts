import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 500;
const answerMs = 5_000;

/**
 * Whether an engine whose requests failed still listens. If not, it gets `deadlineS` seconds to listen again
 * or, by aborting `enough`, the launcher reports that it has ended.
 */
export async function isStillThere(url: string, deadlineS: number, enough: AbortSignal): Promise<boolean> {
  const giveUpAtMs = performance.now() + deadlineS * 1000;
  for (;;) {
    if ((await isListening(url, enough)) || enough.aborted) return true;
    if (performance.now() > giveUpAtMs) return false;
    await delay(pollMs, undefined, { signal: enough }).catch(() => undefined);
  }
}

/** Whether a connection is accepted, whatever the answer on it. */
async function isListening(url: string, signal: AbortSignal): Promise<boolean> {
  const patience = AbortSignal.timeout(answerMs);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, patience]) });
    await response.body?.cancel();
    return true;
  } catch {
    // A silent server has accepted the connection, or its host is gone, which the launcher will report.
    return patience.aborted;
  }
}
