import type { EnvironmentRecord } from './environment.ts';
import type { Telemetry } from './summary.ts';

/**
 * Runnable tasks per CPU above which the machine is overloaded. An engine with one thread per CPU, together with the
 * client, stays below, so other processes must be running.
 */
export const overloadThresholds = { tasksPerCpu: 3 };

/** Why the engine's host makes a measurement doubtful; undefined if it does not, or if that is unknown. */
export function doubtOfHost(
  { host }: Pick<Telemetry, 'host'>,
  { cpu }: Pick<EnvironmentRecord, 'cpu'>,
): string | undefined {
  const tasks = host?.runnable_tasks?.mean;
  if (tasks === undefined || cpu === undefined || tasks <= overloadThresholds.tasksPerCpu * cpu.count)
    return undefined;
  return `the engine's host was overloaded: on average ${tasks.toFixed(1)} tasks competed for its ${cpu.count} CPUs, which slowed the engine`;
}
