import { setTimeout as delay } from 'node:timers/promises';
import type { Runner } from '../hosts/index.ts';

/** How far the wall clock drifted from the monotonic clock during `watchMs`, ms. */
export async function clockJumpMs(
  watchMs: number,
  clocks = { wall: () => Date.now(), monotonic: () => performance.now() },
): Promise<number> {
  const wall = clocks.wall();
  const monotonic = clocks.monotonic();
  await delay(watchMs);
  return clocks.wall() - wall - (clocks.monotonic() - monotonic);
}

/** The state of a node's clock synchronization; undefined if nothing reports it. */
export interface ClockSync {
  readonly synchronized: boolean;
  /** Offset from the reference time, seconds. */
  readonly offsetS?: number;
}

export async function clockSync(host: Runner): Promise<ClockSync | undefined> {
  const chrony = await host.run(['chronyc', '-n', 'tracking']).catch(() => undefined);
  if (chrony?.code === 0) {
    const [, seconds, direction] =
      /^System time\s*:\s*([\d.]+) seconds (fast|slow)/m.exec(chrony.stdout) ?? [];
    const synchronized = /^Leap status\s*:\s*(?!Not synchronised)/m.test(chrony.stdout);
    if (seconds === undefined) return { synchronized };
    return { synchronized, offsetS: direction === 'slow' ? -Number(seconds) : Number(seconds) };
  }
  const systemd = await host
    .run(['timedatectl', 'show', '--property=NTPSynchronized', '--value'])
    .catch(() => undefined);
  const answer = systemd?.stdout.trim();
  return systemd?.code === 0 && (answer === 'yes' || answer === 'no')
    ? { synchronized: answer === 'yes' }
    : undefined;
}
