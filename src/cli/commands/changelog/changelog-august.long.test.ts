import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { changelogCases, expectAsGolden } from '../../../../test/support/changelog-cases.ts';
import { packageRoot } from '../../../package-root.ts';

const folder = join(packageRoot, '../shared/upstream-2026-08/changelog');

describe.skipIf(!existsSync(folder))(
  'what the public tools of August make of changes to the changelog (skipped: no ../shared)',
  () => {
    test.each(changelogCases(folder))('case $name', async (one) => await expectAsGolden(one, folder));
  },
);
