import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { describeEachStore } from '../../test/support/each-store.ts';
import { someSweep, writeSweepFiles } from '../../test/support/synthetic-sweep.ts';
import { openStore, type Store } from './index.ts';

describeEachStore('a measurement that is dated ahead', (newStore) => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dated-ahead-'));
    store = await openStore(await newStore());
  });
  afterEach(async () => {
    vi.useRealTimers();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  const yearMs = 365 * 24 * 3_600_000;
  /** Ingests a sweep measured at the given time; the seed distinguishes its measurement from others. */
  const ingested = async (at: number, seed: number) => {
    const directory = join(folder, `run-${seed}`);
    const points = someSweep.points.map((point) => ({ ...point, at }));
    await writeSweepFiles(directory, { ...someSweep, sweepId: `run-${seed}`, at, seed, points });
    return await store.ingestRun(directory);
  };
  const latestYears = async () =>
    (await store.latestPoints()).map(({ measuredAt }) => new Date(measuredAt).getUTCFullYear());

  test('is quarantined with the reason', async () => {
    const { added, quarantined } = await ingested(Date.now() + yearMs, 1);
    expect(added).toBe(0);
    expect(quarantined.length).toBeGreaterThan(0);
    for (const { reason } of quarantined)
      expect(reason).toMatch(/^it is dated .+ one of the two clocks is wrong/);
    // The same files later, or after the clock was set.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * yearMs });
    expect((await ingested(Date.now() - yearMs, 1)).added).toBe(3);
  });

  test("that was stored while this machine's clock was ahead is replaced by the next measurement", async () => {
    const now = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: now + yearMs });
    expect((await ingested(Date.now(), 1)).added).toBe(3);
    vi.useRealTimers();
    const year = new Date(now).getUTCFullYear();
    expect(await latestYears()).toEqual([year + 1, year + 1, year + 1]);
    expect((await ingested(now - 60_000, 2)).added).toBe(3);
    expect(await latestYears()).toEqual([year, year, year]);
    expect((await ingested(now - 120_000, 3)).added).toBe(3);
    const times = (await store.latestPoints()).map(({ measuredAt }) => Date.parse(measuredAt));
    expect(new Set(times).size).toBe(1);
    expect(Math.abs((times[0] ?? 0) - (now - 60_000))).toBeLessThan(1000);
  });
});
