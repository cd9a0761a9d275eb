import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canMount } from '../../test/support/can-mount.ts';
import { describeEachStore } from '../../test/support/each-store.ts';
import { bin } from '../../test/support/product.ts';
import { randomNumbers, somePoint, syntheticRow } from '../../test/support/synthetic-results.ts';
import { openStore } from './index.ts';

const rowCount = 12_000;
/** Together with the random kills of `test/kills.slow.test.ts`, more than a hundred. */
const kills = 25;

let folder: string;
let artifacts: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-faults-'));
  artifacts = join(folder, 'artifacts');
  await mkdir(artifacts);
  const random = randomNumbers(1);
  for (let file = 0; file < 12; file++) {
    const rows = Array.from({ length: rowCount / 12 }, (_, index) =>
      syntheticRow({ ...somePoint, conc: 1 + (index % 50) }, random),
    );
    await writeFile(join(artifacts, `agg_${file}.json`), JSON.stringify(rows));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function ingesting(location: string): ChildProcess {
  const args = [bin, 'store', 'ingest', artifacts, '--store', location];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

describeEachStore('an ingest that is killed', (newStore) => {
  test(`at ${kills} random moments loses nothing and doubles nothing`, async () => {
    const random = randomNumbers(2);
    let location = await newStore();
    await (await openStore(location)).close();
    const began = performance.now();
    await once(ingesting(location), 'exit');
    const wholeMs = performance.now() - began;
    let killed = 0;
    let seen = 0;
    while (killed < kills) {
      if (seen === 0) location = await newStore();
      const child = ingesting(location);
      await delay(random() * wholeMs);
      const isRunning = child.exitCode === null;
      child.kill('SIGKILL');
      if (isRunning) {
        await once(child, 'exit');
        killed += 1;
      }
      const store = await openStore(location);
      try {
        const { measurements } = await store.stats();
        const count = measurements.unchecked ?? 0;
        // Everything stored is complete: the counts kept by ingest match the rows.
        expect(count).toBeGreaterThanOrEqual(seen);
        seen = count;
        expect((await store.counts()).points).toBe(count);
        const extents = await store.seriesExtents({ modelPrefix: 'dsr1', isl: 1024, osl: 1024 });
        expect(extents.reduce((sum, { points }) => sum + points, 0)).toBe(count);
        if (seen === rowCount) seen = 0;
      } finally {
        await store.close();
      }
    }
    await once(ingesting(location), 'exit');
    const store = await openStore(location);
    try {
      expect((await store.stats()).measurements).toEqual({ unchecked: rowCount });
      expect(await store.latestPoints()).toHaveLength(50);
    } finally {
      await store.close();
    }
  });
});

const mayMount = process.getuid?.() === 0 && canMount();

describe.skipIf(!mayMount)(
  `a full disk${mayMount ? '' : ' (skipped: mounting a small one needs root)'}`,
  () => {
    test('is reported, leaves a consistent store, and the ingest continues once there is space', async () => {
      const disk = join(folder, 'disk');
      await mkdir(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk]);
      try {
        const location = join(disk, 'store.sqlite');
        const failed = ingesting(location);
        let stderr = '';
        failed.stderr?.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
        });
        const [code] = await once(failed, 'close');
        expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/disk is full/) });
        expect(stderr).toContain('free some space');
        expect(stderr).not.toContain('    at ');
        execFileSync('mount', ['-o', 'remount,size=64m', disk]);
        const store = await openStore(location);
        try {
          const before = (await store.stats()).measurements.unchecked ?? 0;
          const { added, unchanged } = await store.ingest(artifacts);
          expect({ added, unchanged }).toEqual({ added: rowCount - before, unchanged: before });
          expect((await store.counts()).points).toBe(rowCount);
        } finally {
          await store.close();
        }
      } finally {
        execFileSync('umount', [disk]);
      }
    });
  },
);

describe('a store whose file is damaged', () => {
  const damage = async (bytes: (content: Buffer) => Buffer): Promise<string> => {
    const location = join(folder, `damaged-${Math.random()}.sqlite`);
    const store = await openStore(location);
    await store.ingest(join(artifacts, 'agg_0.json'));
    await store.close();
    await writeFile(location, bytes(await readFile(location)));
    return location;
  };
  const ingested = async (location: string) => {
    const child = ingesting(location);
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    return { code, stderr };
  };

  test.each([
    ['at its head', (content: Buffer) => content.fill(0x5a, 0, 4096)],
    ['in its middle', (content: Buffer) => content.fill(0x5a, 8192, content.length - 8192)],
    ['by being cut', (content: Buffer) => content.subarray(0, content.length / 2)],
  ])('%s is reported in one sentence with a hint, and the file is not changed', async (_, bytes) => {
    const location = await damage(bytes);
    const before = await readFile(location);
    const { code, stderr } = await ingested(location);
    expect(code).toBe(1);
    expect(stderr).toMatch(/malformed|not a database|corrupt/);
    expect(stderr).toMatch(/move it away and ingest the run folders again|restore a backup/);
    expect(stderr).not.toContain('    at ');
    expect((await readFile(location)).equals(before)).toBe(true);
  });

  test('that is not a database is not overwritten', async () => {
    const location = join(folder, 'notes.txt');
    const handle = await open(location, 'w');
    await handle.writeFile(
      'these are notes, and longer than a page of a database has to be to be one. '.repeat(100),
    );
    await handle.close();
    const { code, stderr } = await ingested(location);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('not a database') });
    expect(existsSync(location)).toBe(true);
    expect(await readFile(location, 'utf8')).toContain('these are notes');
  });
});
