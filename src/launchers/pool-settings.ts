import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { InputError, messageOf } from '../errors.ts';
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
  const name = `runners/${pool}.yaml`;
  const text = await readFile(join(packageRoot, name), 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new InputError(
      `no ${name}: nothing says how the nodes of pool ${pool} are reached`,
      'add the file; runners/README.md describes it',
    );
  }
  try {
    return poolSettings.parse(parse(text));
  } catch (error) {
    throw new InputError(
      `${name}: ${error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)}`,
    );
  }
}
