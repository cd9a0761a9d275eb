import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readYamlAs } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';

const poolSettings = z.strictObject({
  /** Where engines of this pool are started. */
  launcher: z.literal('local'),
  /** The address the engine listens on and the load generator connects to. */
  host: z.string().default('127.0.0.1'),
  port: z.int().min(1).max(65_535).default(8888),
});

/** How the nodes of one runner pool are reached: data from `runners/<pool>.yaml`. */
export type PoolSettings = z.infer<typeof poolSettings>;

/** The settings of a pool; throws InputError when there are none or they are not understood. */
export async function loadPoolSettings(pool: string): Promise<PoolSettings> {
  const file = join(packageRoot, 'runners', `${pool}.yaml`);
  if (!existsSync(file)) {
    throw new InputError(
      `no runners/${pool}.yaml: nothing says how the nodes of pool ${pool} are reached`,
      'add the file; runners/README.md describes it',
    );
  }
  return (await readYamlAs(file, poolSettings)).data;
}
