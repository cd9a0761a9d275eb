import { memoryRanOut, wasKilled } from '../failures/index.ts';
import { type Host, runOn } from './host.ts';
import type { ExitReason } from './launcher.ts';
import type { ProcessExit } from './process-exit.ts';

/** How many processes the kernel of a host has ended for want of memory since it booted; 0 where it does not say. */
export async function oomKills(host: Host): Promise<number> {
  const { stdout } = await runOn(host, ['cat', '/proc/vmstat'], { timeoutMs: 10_000 }).catch(() => ({
    stdout: '',
  }));
  return Number(/^oom_kill (\d+)$/m.exec(stdout)?.[1] ?? 0);
}

/** Whether an engine's end was the kernel's doing, for want of memory: `killsBefore` is the count before its start. */
export async function killedForMemory(
  host: Host,
  exit: ProcessExit,
  killsBefore: number,
): Promise<ExitReason | undefined> {
  if (!wasKilled(exit)) return undefined;
  const message = memoryRanOut({ ...exit, kernelKills: (await oomKills(host)) - killsBefore });
  return message === undefined ? undefined : { failureClass: 'out-of-memory', message };
}
