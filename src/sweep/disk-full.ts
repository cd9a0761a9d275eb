import { setTimeout as delay } from 'node:timers/promises';

const codes = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const retryEveryMs = 1_000;

/**
 * Whether an operation failed because there is no space: a full disk, an exhausted quota, or a file size
 * limit.
 */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return (typeof code === 'string' && codes.includes(code)) || isDiskFull(error.cause);
}

/**
 * Runs `write`, and retries while the disk is full until space is available or the deadline has passed, so
 * that no measurement is lost. Calls `onWait` once when it starts to wait. Throws the error of the last try.
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
