import { z } from 'zod';
import { readYamlAs } from './yaml-file.ts';

/** The schema of runners.yaml: pool → its nodes (contract §1). */
export const runnerPoolsSchema = z.record(
  z.string(),
  z.array(z.string().min(1, 'expected a node name')).min(1, 'expected at least one node'),
);

/** The nodes of each runner pool, by the pool's name. */
export type RunnerPools = ReadonlyMap<string, readonly string[]>;

/** Loads runners.yaml; throws InputError with every problem. */
export async function loadRunnerPools(file: string): Promise<RunnerPools> {
  const { data } = await readYamlAs(file, runnerPoolsSchema);
  return new Map(Object.entries(data));
}

/** The pool that a config's or entry's runner names: itself, or the pool of which it is a node. */
export function poolOf(runner: string, pools: RunnerPools): string | undefined {
  if (pools.has(runner)) return runner;
  return [...pools].find(([, nodes]) => nodes.includes(runner))?.[0];
}
