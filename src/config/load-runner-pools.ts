import { contractOfRunners } from './contracts.ts';
import type { RunnerPools } from './runner-pools.ts';
import { parseYamlOf, readYamlOf } from './yaml-file.ts';

/** Loads a runners file of any contract; throws InputError with every problem. */
export async function loadRunnerPools(file: string): Promise<RunnerPools> {
  return (await readYamlOf(file, runnersForm)).data;
}

/** The same of text that came from `file`. */
export async function parseRunnerPools(file: string, text: string): Promise<RunnerPools> {
  return (await parseYamlOf(file, text, runnersForm)).data;
}

function runnersForm(content: unknown) {
  const { runners: schema, yaml } = contractOfRunners(content);
  return { schema, yaml };
}
