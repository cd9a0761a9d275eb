import { attempt, type Finding } from '../finding.ts';
import type { Host } from '../hosts/index.ts';
import type { EnvironmentRecord } from '../telemetry/index.ts';

/** Above this load per CPU, a new engine competes with other processes. */
const loadPerCpu = 1;

/** Checks whether a node has idle CPUs. Systems without /proc/loadavg give no finding. */
export async function examineLoad(host: Host, { cpu }: EnvironmentRecord): Promise<readonly Finding[]> {
  if (cpu === undefined) return [];
  return await attempt('load', 'check whether /proc can be read', async () =>
    loadFindings(await host.readFile('/proc/loadavg').catch(() => ''), cpu.count),
  );
}

/** `loadavg` is the content of /proc/loadavg, which starts with the load averages over 1, 5 and 15 minutes. */
export function loadFindings(loadavg: string, cpus: number): readonly Finding[] {
  const lastMinute = /^(\d+(?:\.\d+)?) /.exec(loadavg)?.[1];
  if (lastMinute === undefined) return [];
  const message = `a load of ${lastMinute} on ${cpus} CPUs in the last minute`;
  return [
    Number(lastMinute) <= loadPerCpu * cpus
      ? { check: 'load', state: 'ok', message }
      : {
          check: 'load',
          state: 'warning',
          message: `${message}: other processes would slow the engine or the client`,
          todo: 'find them (top) and wait until they end, or use an idle machine',
        },
  ];
}
