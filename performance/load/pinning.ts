import { spawnSync } from 'node:child_process';

const canPin = spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;

/** The command line that runs a program on one core, if the machine supports that. */
export function pinned(
  core: number,
  program: string,
  args: readonly string[],
): [command: string, argv: string[]] {
  return canPin ? ['taskset', ['-c', String(core), program, ...args]] : [program, [...args]];
}
