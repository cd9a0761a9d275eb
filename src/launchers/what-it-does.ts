import type { RunningEngine } from './launcher.ts';
import { lockIn } from './lock-holder.ts';
import { type QuietLog, quietInWords } from './quiet-log.ts';

/**
 * What an engine does that gives no sign: what its logs last said, who holds the lock that they wait for, what its
 * accelerators and its processes do. Undefined where nothing is known.
 */
export async function whatItDoes(
  quiet: readonly QuietLog[],
  { deviceActivity, processActivity, lockHolder }: RunningEngine,
): Promise<string | undefined> {
  const [lock] = quiet.flatMap(({ lastLine }) => lockIn(lastLine) ?? []);
  const told = await Promise.all([
    quietInWords(quiet),
    lock === undefined ? undefined : lockHolder?.(lock),
    deviceActivity?.(),
    processActivity?.(),
  ]);
  const parts = told.filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join('; ');
}
