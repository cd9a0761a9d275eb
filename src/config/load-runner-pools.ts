import { dirname, join, resolve } from 'node:path';
import { defined } from '../defined/defined.ts';
import { packageRoot } from '../package-root.ts';
import { contractOfRunners } from './contracts.ts';
import type { RunnerPools } from './runner-pools.ts';
import { parseYamlOf, readYamlOf } from './yaml-file.ts';

/**
 * Loads a runners file of any contract. Throws InputError with every problem. The checked-in pools may be used with
 * configs of any contract.
 */
export async function loadRunnerPools(file: string): Promise<RunnerPools> {
  const { data } = await readYamlOf(file, runnersForm);
  const isOwn = dirname(resolve(file)) === join(packageRoot, '.github', 'configs');
  return isOwn ? Object.assign(new Map(data), defined({ hardware: data.hardware })) : data;
}

/** Parses runners text that came from `file`, like `loadRunnerPools`. */
export async function parseRunnerPools(file: string, text: string): Promise<RunnerPools> {
  return (await parseYamlOf(file, text, runnersForm)).data;
}

function runnersForm(content: unknown) {
  const { schemas, yaml } = contractOfRunners(content);
  return { schema: schemas().runners, yaml };
}
