import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EngineFailure } from './engine-failure.ts';
import { waitUntilReady } from './readiness.ts';

test('the GPU activity of a quiet engine is reported while waiting and at the deadline', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'readiness-'));
  try {
    const logPath = join(folder, 'engine.log');
    await writeFile(logPath, 'INFO waiting for baton release\n');
    const engine = {
      // Nothing listens on this port.
      baseUrl: 'http://127.0.0.1:1',
      logPath,
      exited: new Promise<never>(() => {}),
      deviceActivity: async () => 'all 8 GPUs are 0 % busy',
      stop: async () => {},
    };
    const told: string[] = [];
    const wait = { healthPath: '/health', timeoutS: 1, quietS: 0.05, signal: new AbortController().signal };
    const late = waitUntilReady(engine, { ...wait, onQuiet: (what) => told.push(what) });
    await expect(late).rejects.toThrow(EngineFailure);
    await expect(late).rejects.toThrow(/not ready after 1 s.*all 8 GPUs are 0 % busy/);
    expect(told[0]).toMatch(/has been silent .*waiting for baton release.*; all 8 GPUs are 0 % busy/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
