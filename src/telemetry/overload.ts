import type { EnvironmentRecord } from './environment.ts';
import type { Telemetry } from './summary.ts';

/**
 * Tasks that want a CPU, for each CPU there is, from which on the machine is overloaded: an engine with a thread for
 * each CPU and the client beside it stay below, so that others must be at work.
 */
export const overloadThresholds = { tasksPerCpu: 3 };

/** Why the engine's host makes a measurement doubtful; undefined where it does not, or cannot be told. */
export function doubtOfHost(
  { host }: Pick<Telemetry, 'host'>,
  { cpu }: Pick<EnvironmentRecord, 'cpu'>,
): string | undefined {
  const tasks = host?.runnable_tasks?.mean;
  if (tasks === undefined || cpu === undefined || tasks <= overloadThresholds.tasksPerCpu * cpu.count)
    return undefined;
  return `the engine's host was overloaded: on average ${tasks.toFixed(1)} tasks competed for its ${cpu.count} CPUs, which slowed the engine`;
}
