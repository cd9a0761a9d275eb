import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { sessionId, someSweep, writeSweepFiles } from '../support/synthetic-sweep.ts';
import { TestSite } from './site.ts';

const told = { sessionId, node: 'gpu-05' };
const journal = [
  { at: '2026-01-21T10:15:00.000Z', type: 'sweep-started', resumed: false, pointsLeft: 1 },
  { at: '2026-01-21T10:15:01.000Z', type: 'engine-starting', ...told, start: 1, argv: ['vllm', 'serve'] },
  {
    at: '2026-01-21T10:16:00.000Z',
    type: 'session-failed',
    ...told,
    failureClass: 'node-broken',
    message: 'the memory of a GPU is broken (uncorrectable ECC error)',
    next: 'other-node',
  },
  { at: '2026-01-21T11:00:00.000Z', type: 'sweep-finished', finished: 0, failed: 1 },
];

test.skipIf(!hasBrowser)(
  'the reliability view shows the end of the log after one click (skipped: no chromium)',
  async () => {
    const site = await TestSite.over(async (store, folder) => {
      const directory = join(folder, '.inferencemax', 'runs', someSweep.sweepId);
      await writeSweepFiles(directory, { ...someSweep, journal });
      await mkdir(join(directory, 'sessions', sessionId), { recursive: true });
      const log = 'INFO loading\nERROR CUDA error: uncorrectable ECC error encountered\n';
      await writeFile(join(directory, 'sessions', sessionId, 'engine.log'), log);
      await store.ingestRun(directory);
    });
    try {
      const page = await site.page('#/reliability');
      const log = page.getByRole('region', { name: /the end of the log: node-broken on/ });
      const summary = page.getByText(/^node-broken on .*, SGLang, /);
      await summary.waitFor();
      expect(await log.isVisible()).toBe(false);
      await summary.click();
      expect(await log.textContent()).toContain('uncorrectable ECC error encountered');
    } finally {
      await site.close();
    }
  },
);
