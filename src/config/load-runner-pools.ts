import { contractOfRunners } from './contracts.ts';
import type { RunnerPools } from './runner-pools.ts';
import { readYamlOf } from './yaml-file.ts';

/** Loads a runners file of any contract; throws InputError with every problem. */
export async function loadRunnerPools(file: string): Promise<RunnerPools> {
  const { data } = await readYamlOf(file, (content) => {
    const { runners: schema, yaml } = contractOfRunners(content);
    return { schema, yaml };
  });
  return data;
}
