import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectAsGolden, generatorCases } from '../../../../test/support/generator-cases.ts';
import { packageRoot } from '../../../package-root.ts';

const own = join(import.meta.dirname, 'testdata', 'august');

describe('output of the public August generator for small configs', () => {
  const cases = generatorCases(own);
  test('there are cases', () => expect(cases.length).toBeGreaterThan(5));
  test.each(cases)('case $name', async (one) => await expectAsGolden(one, own, own));
});

const shared = join(packageRoot, '../shared/upstream-2026-08');
const folder = join(shared, 'generator');

describe.skipIf(!existsSync(folder))('all other cases of small configs (skipped: no ../shared)', () => {
  const isSmall = ({ args }: { readonly args: readonly string[] }) =>
    args.every((arg) => !arg.startsWith('configs/'));
  // If no configs are named, the checked-in configs are used, so this case does not fail here.
  const cases = generatorCases(folder).filter((one) => isSmall(one) && one.name !== 'err-no-config-files');
  test.each(cases)('case $name', async (one) => await expectAsGolden(one, folder, join(shared, 'configs')));
});
