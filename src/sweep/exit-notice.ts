import { setTimeout as delay } from 'node:timers/promises';

/**
 * When an engine dies, its connections may break before its exit is noticed; wait this long to tell the two
 * apart.
 */
const exitNoticeMs = 2_000;

/** Waits a moment for an engine's exit. An external server has none: then only the timer keeps this process running. */
export async function exitNoticed(exit: Promise<unknown>, noticeMs = exitNoticeMs): Promise<void> {
  const noticed = new AbortController();
  const timer = delay(noticeMs, undefined, { signal: noticed.signal }).catch(() => undefined);
  await Promise.race([exit, timer]);
  noticed.abort();
}
