import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

/** The folder of a user of January's contract: the public configs of January 2026, their pools and nodes. */
export const januaryFolder = join(packageRoot, 'test', 'testdata', 'january-2026');

const configs = join(januaryFolder, '.github', 'configs');

export const januaryRunners = join(configs, 'runners.yaml');

export const januaryMasters = readdirSync(configs)
  .filter((name) => name.endsWith('-master.yaml'))
  .map((name) => join(configs, name));
