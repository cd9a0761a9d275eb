import { setTimeout as delay } from 'node:timers/promises';

const codes = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const retryEveryMs = 1_000;

/** Whether something failed for want of space: a full disk, a used-up quota, a file that may grow no further. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return (typeof code === 'string' && codes.includes(code)) || isDiskFull(error.cause);
}

/**
 * Writes, and where the disk is full tries again until somebody has made room or the deadline has passed; `onWait` is
 * told once. What was measured is worth more than the wait. Throws what the last try threw.
 */
export async function writeWhenThereIsRoom(
  write: () => Promise<void>,
  context: { readonly deadlineS: number; readonly signal: AbortSignal; readonly onWait: () => void },
): Promise<void> {
  const giveUpAtMs = performance.now() + context.deadlineS * 1000;
  for (let tries = 1; ; tries++) {
    try {
      await write();
      return;
    } catch (error) {
      if (!isDiskFull(error) || context.signal.aborted || performance.now() > giveUpAtMs) throw error;
      if (tries === 1) context.onWait();
      await delay(retryEveryMs, undefined, { signal: context.signal }).catch(() => undefined);
    }
  }
}
