import { type Host, runOn } from '../hosts/host.ts';
import type { ExitReason } from './launcher.ts';

/** How many processes the kernel of a host has ended for want of memory since it booted; 0 where it does not say. */
export async function oomKills(host: Host): Promise<number> {
  const { stdout } = await runOn(host, ['cat', '/proc/vmstat'], { timeoutMs: 10_000 }).catch(() => ({
    stdout: '',
  }));
  return Number(/^oom_kill (\d+)$/m.exec(stdout)?.[1] ?? 0);
}

export const outOfMemory: ExitReason = {
  failureClass: 'out-of-memory',
  message: 'the kernel ended the engine for want of memory',
};
