import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { expectAsGolden, generatorCases } from '../../../../test/support/generator-cases.ts';
import { packageRoot } from '../../../package-root.ts';

const shared = join(packageRoot, '../shared/upstream-2026-08');
const folder = join(shared, 'generator');

describe.skipIf(!existsSync(folder))(
  'output of the public August generator for the public configs (skipped: no ../shared)',
  () => {
    const isPublic = ({ args }: { readonly args: readonly string[] }) =>
      args.some((arg) => arg.startsWith('configs/'));
    test.each(generatorCases(folder).filter(isPublic))(
      'case $name',
      async (one) => await expectAsGolden(one, folder, join(shared, 'configs')),
    );
  },
);
