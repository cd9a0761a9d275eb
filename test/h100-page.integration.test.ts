import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { h100Page } from '../performance/h100/page.ts';
import { packageRoot } from '../src/package-root.ts';

const kept = join(packageRoot, '..', 'shared', 'h100-vllm-2026-11');

test.runIf(existsSync(kept))('the page of the H100 run matches its results', async () => {
  expect(await readFile(join(packageRoot, 'docs', 'h100-vllm.md'), 'utf8')).toBe(await h100Page(kept));
});
