import { readingsOf, type TelemetrySource } from '../source.ts';

/**
 * The whole machine, from Linux' /proc: the share of CPU time in use between two readings, runnable tasks, and memory.
 */
export const proc: TelemetrySource = {
  name: 'proc',
  subject: 'host',
  intervalS: 1,
  open: ({ host }) => {
    let before: { readonly busy: number; readonly all: number } | undefined;
    return async () => {
      const [stat, memory] = await Promise.all([host.readFile('/proc/stat'), host.readFile('/proc/meminfo')]);
      const now = cpuTicks(stat);
      const since = before ?? { busy: 0, all: 0 };
      before = now;
      const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(memory)?.[1]);
      return readingsOf('host', {
        // The first reading would give the share since boot.
        utilization: since.all === 0 ? undefined : (now.busy - since.busy) / (now.all - since.all),
        // One of them is the reading itself.
        runnableTasks: Number(/^procs_running\s+(\d+)$/m.exec(stat)?.[1]) - 1,
        memoryUsedBytes: 1024 * (kibibytes('MemTotal') - kibibytes('MemAvailable')),
      });
    };
  },
};

/** Ticks of all CPUs together; proc(5): user nice system idle iowait irq softirq steal. */
function cpuTicks(stat: string): { readonly busy: number; readonly all: number } {
  const ticks = (/^cpu\s+(.*)$/m.exec(stat)?.[1] ?? '').split(' ').slice(0, 8).map(Number);
  const all = ticks.reduce((sum, tick) => sum + tick, 0);
  return { busy: all - (ticks[3] ?? Number.NaN) - (ticks[4] ?? Number.NaN), all };
}
