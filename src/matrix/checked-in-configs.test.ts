import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { loadMasterConfigs, loadRunnerPools } from '../config/index.ts';
import { inOrderOfNames } from '../in-order-of-names.ts';
import { packageRoot } from '../package-root.ts';
import { decide } from './full-sweep.ts';

const folder = join(packageRoot, '.github', 'configs');
const golden = join(packageRoot, '../shared/upstream-2026-08/generator/full-both.json.gz');

/** Neither the order of entries nor that of their fields is the same in our arrangement. */
const comparable = (entries: readonly unknown[]) =>
  entries.map((entry) => JSON.stringify(inOrderOfNames(entry))).toSorted();

test.skipIf(!existsSync(golden))(
  'the checked-in masters make the entries that the public ones of August do (skipped: no ../shared)',
  async () => {
    const configs = await loadMasterConfigs(
      ['nvidia-master.yaml', 'amd-master.yaml'].map((name) => join(folder, name)),
    );
    const pools = await loadRunnerPools(join(folder, 'runners.yaml'));
    const decisions = decide(configs, pools, { evals: { only: false, all: false } });
    const made = decisions.flatMap(({ entries }) => entries);
    const theirs: unknown[] = JSON.parse(gunzipSync(readFileSync(golden)).toString());
    expect(comparable(made)).toEqual(comparable(theirs));
  },
);

const retired = join(folder, 'deprecated');

test.each(readdirSync(retired))('the retired configs of %s can be read, and make entries', async (name) => {
  const configs = await loadMasterConfigs([join(retired, name)]);
  const pools = await loadRunnerPools(join(folder, 'runners.yaml'));
  const made = decide(configs, pools);
  for (const key of configs.keys())
    expect(made.some((decision) => decision.key === key && decision.entries.length > 0)).toBe(true);
});
