import type { RunningEngine } from './launcher.ts';
import { lockIn } from './lock-holder.ts';
import { type QuietLog, quietInWords } from './quiet-log.ts';

/**
 * Describes what an engine that has stopped logging is doing: its last log lines, the holder of a lock that they wait
 * for, and the activity of its accelerators and processes. Undefined if nothing is known.
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
