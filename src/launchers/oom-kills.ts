import type { Host } from '../hosts/index.ts';
import type { ExitReason } from './launcher.ts';

/** How many processes the kernel of a host has ended for want of memory since it booted; 0 where it does not say. */
export async function oomKills(host: Host): Promise<number> {
  const counters = await host.readFile('/proc/vmstat').catch(() => '');
  return Number(/^oom_kill (\d+)$/m.exec(counters)?.[1] ?? 0);
}

export const outOfMemory: ExitReason = {
  failureClass: 'out-of-memory',
  message: 'the kernel ended the engine for want of memory',
};
