import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeEachStore } from '../../test/support/each-store.ts';
import { resultFilename, type SyntheticPoint, somePoint } from '../../test/support/synthetic-results.ts';
import {
  pointId,
  type SyntheticSweep,
  sessionId,
  someSweep,
  writeSweepFiles,
} from '../../test/support/synthetic-sweep.ts';
import { openStore, type Store } from './index.ts';

describeEachStore('a store', (newStore) => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'runs-'));
    store = await openStore(await newStore());
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ingest = async (run: SyntheticSweep) => {
    const directory = join(folder, run.sweepId);
    await writeSweepFiles(directory, run);
    return await store.ingestRun(directory);
  };
  const rowOf = async (run: SyntheticSweep, point: SyntheticPoint): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, run.sweepId, 'agg', `agg_${resultFilename(point)}.json`), 'utf8'));
  const later = { ...someSweep, sweepId: 'run-20260115-101500-bbbb', at: someSweep.at + 86_400_000, seed: 2 };
  const laterRun = { ...later, points: later.points.map((point) => ({ ...point, at: later.at })) };

  test('returns every row of a run unchanged, and only once if it is ingested again', async () => {
    expect(await ingest(someSweep)).toMatchObject({ added: 3, unchanged: 0, quarantined: [] });
    expect(await ingest(someSweep)).toMatchObject({ added: 0, unchanged: 3, quarantined: [] });
    const points = await store.latestPoints();
    expect(points.map(({ row }) => row)).toEqual(
      await Promise.all(someSweep.points.map((point) => rowOf(someSweep, point))),
    );
    expect(points.map(({ measuredAt }) => measuredAt)).toEqual(
      points.map(() => new Date(someSweep.at).toISOString()),
    );
  });

  test('the latest point of a configuration is the newest measured, in any order of ingest', async () => {
    await ingest(laterRun);
    await ingest(someSweep);
    const latest = await store.latestPoints({ modelPrefix: 'dsr1', isl: 1024, osl: 1024 });
    expect(latest.map(({ sweepId }) => sweepId)).toEqual(latest.map(() => laterRun.sweepId));
    expect(latest.map(({ row }) => row.conc)).toEqual([1, 2, 4]);
    const [first] = latest;
    const history = await store.chartPoints({ configurationId: first?.configurationId, conc: 1 });
    expect(history.map(({ sweepId }) => sweepId)).toEqual([someSweep.sweepId, laterRun.sweepId]);
    expect((await store.latestPoints({ sweepId: someSweep.sweepId })).map(({ sweepId }) => sweepId)).toEqual(
      latest.map(() => someSweep.sweepId),
    );
  });

  test('chart points are all points, oldest first, with the latencies that charts show', async () => {
    await ingest(someSweep);
    await ingest(laterRun);
    const { items: points } = await store.points({}, { limit: 1000 });
    const charted = await store.chartPoints({ multinode: false });
    expect(charted).toEqual(
      points.toReversed().map(({ reasons: _, facts: __, row, ...same }) => {
        const fields = Object.entries(row).filter(([field]) => !/^(mean|std|p99\.9)_/.test(field));
        return { ...same, row: Object.fromEntries(fields) };
      }),
    );
    expect(charted[0]?.row).toHaveProperty('p99_ttft');
    expect(await store.chartPoints({}, 2)).toEqual(charted.slice(-2));
    expect(await store.chartPoints({ multinode: true })).toEqual([]);
    expect(await store.chartPoints({ sweepId: someSweep.sweepId })).toEqual(
      charted.filter(({ sweepId }) => sweepId === someSweep.sweepId),
    );
  });

  test('the largest changes are from a previous measurement that is recent enough, others are counted', async () => {
    await ingest(someSweep);
    await ingest(laterRun);
    const changes = async (withinDays: number) => {
      const asked = { since: new Date(later.at).toISOString(), withinDays, limit: 9, shows: () => true };
      const { largest, olderBefore } = await store.largestChanges(asked);
      return { olderBefore, sides: largest.map(({ before, after }) => [before.sweepId, after.sweepId]) };
    };
    expect(await changes(1)).toEqual({ olderBefore: 0, sides: [[someSweep.sweepId, laterRun.sweepId]] });
    expect(await changes(0.9)).toEqual({ olderBefore: laterRun.points.length, sides: [] });
  });

  test('pages contain every point once, newest first', async () => {
    await ingest(someSweep);
    await ingest(laterRun);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.points({ hw: 'synthetic-h200' }, { limit: 4, cursor });
      seen.push(...page.items.map(({ sweepId, row }) => `${sweepId} ${row.conc}`));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(6);
    expect(seen.slice(0, 3).every((one) => one.startsWith(laterRun.sweepId))).toBe(true);
    await expect(store.points({}, { cursor: 'nonsense' })).rejects.toThrow("'nonsense' is not a cursor");
    await expect(store.points({}, { limit: 0 })).rejects.toThrow('a page has 1 to 1000 items');
  });

  test('an invalid measurement is stored with its reasons and never published', async () => {
    const change = (raw: Record<string, unknown>, index: number) =>
      index === 0 ? { ...raw, fidelity: { verdict: 'invalid', reasons: ['too late'] } } : raw;
    expect(await ingest({ ...someSweep, change })).toMatchObject({ added: 3 });
    expect(await ingest({ ...someSweep, change })).toMatchObject({ added: 0, unchanged: 3 });
    expect((await store.latestPoints()).map(({ row }) => row.conc)).toEqual([2, 4]);
    const [sweep] = await store.allSweeps();
    expect(sweep?.measurements).toEqual({ checked: 2, unchecked: 0, suspect: 0, invalid: 1 });
    const attempts = (await store.sweep(someSweep.sweepId))?.attempts ?? [];
    const invalid = await store.measurement(attempts[0]?.measurementId ?? '');
    expect(invalid).toMatchObject({ verdict: 'invalid', reasons: ['too late'], raw: { max_concurrency: 1 } });
    expect(invalid).not.toHaveProperty('row');
  });

  test('a single measurement has its raw result, row and environment', async () => {
    const change = (raw: Record<string, unknown>) => ({
      ...raw,
      provenance: {
        image: { digest: 'sha256:1' },
        gpu: 'H200',
        driver: '570',
        host: 'node7',
        git_sha: 'abc',
      },
      telemetry: {
        power: { state: 'measured', mean_w: 5600, energy_j: 1e6 },
        accelerators: { count: 8, utilization: { mean: 0.97, min: 0.9, p50: 0.98, max: 1 } },
        sampling: { 'nvidia-smi': { samples: 10 } },
      },
    });
    await ingest({ ...someSweep, change });
    const [point] = await store.latestPoints();
    expect(point).toMatchObject({ powerW: 5600, facts: { power_w: 5600, energy_j: 1e6 }, gpus: 8 });
    const measurement = await store.measurement(point?.id ?? '');
    expect(measurement).toMatchObject({
      row: point?.row,
      raw: { max_concurrency: 1, telemetry: { power: { state: 'measured', mean_w: 5600, energy_j: 1e6 } } },
      environment: {
        client: 'inferencemax',
        imageDigest: 'sha256:1',
        gpu: 'H200',
        driver: '570',
        host: 'node7',
        gitSha: 'abc',
      },
      telemetry: [
        { device: 'accelerators', metric: 'utilization', samples: 10, mean: 0.97, min: 0.9, max: 1 },
      ],
    });
    expect(await store.measurement('none')).toBeUndefined();
  });

  test('unknown values are null in rows, charts, frontiers and exports', async () => {
    const change = (raw: Record<string, unknown>, index: number) =>
      index === 0
        ? {
            ...raw,
            total_input_tokens: null,
            total_token_throughput: null,
            median_tpot_ms: null,
            mean_tpot_ms: null,
          }
        : raw;
    expect(await ingest({ ...someSweep, change })).toMatchObject({ added: 3, quarantined: [] });
    expect(await ingest({ ...someSweep, change })).toMatchObject({ added: 0, unchanged: 3 });
    const [point] = await store.latestPoints();
    expect(point?.row).toEqual(await rowOf(someSweep, { ...somePoint, conc: 1 }));
    const unknown = {
      tput_per_gpu: null,
      input_tput_per_gpu: null,
      median_tpot: null,
      median_intvty: null,
      output_tput_per_gpu: expect.any(Number),
    };
    expect(point?.row).toMatchObject(unknown);
    expect((await store.chartPoints({ conc: 1 }))[0]?.row).toMatchObject(unknown);
    expect(await store.frontierPoints()).toMatchObject([
      { conc: 1, medianInteractivity: null, totalTputPerGpu: null, inputTputPerGpu: null },
      { conc: 2, medianInteractivity: expect.any(Number), totalTputPerGpu: expect.any(Number) },
      { conc: 4 },
    ]);
    const exported = async (ending: string) => {
      const file = join(folder, `points${ending}`);
      await store.export(file, { filter: { conc: 1 } });
      return file;
    };
    expect(JSON.parse(await readFile(await exported('.json'), 'utf8'))).toMatchObject([unknown]);
    const [header = '', line = ''] = (await readFile(await exported('.csv'), 'utf8')).split('\r\n');
    const cell = (name: string) => line.split(',')[header.split(',').indexOf(name)];
    expect([cell('tput_per_gpu'), cell('median_tpot'), cell('median_intvty')]).toEqual(['', '', '']);
    expect(Number(cell('output_tput_per_gpu'))).toBeGreaterThan(0);
    const parquet = await parquetReadObjects({ file: await asyncBufferFromFile(await exported('.parquet')) });
    expect(parquet).toMatchObject([unknown]);
  });

  test('malformed files are left out with a reason, and the rest is stored', async () => {
    const directory = join(folder, someSweep.sweepId);
    await writeSweepFiles(directory, someSweep);
    const [first = somePoint, second = somePoint] = someSweep.points;
    await writeFile(join(directory, 'raw', `${resultFilename(first)}.json`), '{"date": ');
    await writeFile(join(directory, 'agg', `agg_${resultFilename(second)}.json`), '[]');
    await writeFile(join(directory, 'agg', 'agg_alone.json'), '{}');
    for (const _ of ['first', 'again']) {
      const { quarantined } = await store.ingestRun(directory);
      expect(quarantined.map(({ file }) => file).toSorted()).toEqual([
        'agg/agg_alone.json',
        `raw/${resultFilename(first)}.json`,
        `raw/${resultFilename(second)}.json`,
      ]);
    }
    expect((await store.latestPoints()).map(({ row }) => row.conc)).toEqual([4]);
    const kept = await store.quarantined();
    expect(kept).toHaveLength(3);
    expect(kept.find(({ file }) => file === 'agg/agg_alone.json')?.reason).toBe('its raw result is missing');
  });

  test('a different row for the same raw result is rejected', async () => {
    await ingest(someSweep);
    const directory = join(folder, someSweep.sweepId);
    const [first = somePoint] = someSweep.points;
    const file = join(directory, 'agg', `agg_${resultFilename(first)}.json`);
    const row = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...row, tput_per_gpu: 10 * row.tput_per_gpu }));
    const { added, unchanged, quarantined } = await store.ingestRun(directory);
    expect({ added, unchanged }).toEqual({ added: 0, unchanged: 2 });
    expect(quarantined.map(({ reason }) => reason)).toEqual([
      'the store has this measurement with another aggregate row, and stored rows are never changed',
    ]);
    expect((await store.latestPoints())[0]?.row).toEqual(row);
  });

  test('attempts and engine starts of a sweep are counted by outcome', async () => {
    const [first = somePoint, second = somePoint] = someSweep.points;
    const line = (seconds: number, type: string, more: object) => ({
      at: new Date(someSweep.at + 1000 * seconds).toISOString(),
      type,
      sessionId,
      ...more,
    });
    // The last log lines of an engine can contain anything.
    const failure = { failureClass: 'engine-died', message: 'out of\0memory', willRetry: true };
    const journal = [
      line(0, 'sweep-started', { resumed: false, pointsLeft: 2 }),
      line(1, 'engine-starting', { start: 1, argv: ['serve'] }),
      line(2, 'engine-ready', { afterS: 1 }),
      line(3, 'point-started', { pointId: pointId(first), attempt: 1 }),
      line(4, 'point-failed', { pointId: pointId(first), ...failure }),
      line(5, 'engine-stopped', {}),
      line(6, 'engine-starting', { start: 2, argv: ['serve'] }),
      line(7, 'point-started', { pointId: pointId(first), attempt: 2 }),
    ];
    await ingest({ ...someSweep, points: [first, second], journal });
    expect(await store.sweep(someSweep.sweepId)).toMatchObject({
      state: 'running',
      planned: 2,
      attempts: [
        { outcome: 'failed', failureClass: 'engine-died', message: 'out of\uFFFDmemory', conc: 1 },
        { outcome: 'running' },
      ],
      sessions: [{ outcome: 'stopped', readyAfterS: 1 }, { outcome: 'running' }],
    });
    const resultName = resultFilename(first);
    const grown = [
      ...journal,
      line(8, 'point-finished', { pointId: pointId(first), resultFilename: resultName }),
      line(9, 'engine-stopped', {}),
      line(10, 'sweep-finished', { finished: 1, failed: 0 }),
    ];
    await ingest({ ...someSweep, points: [first, second], journal: grown });
    const sweep = await store.sweep(someSweep.sweepId);
    expect(sweep).toMatchObject({ state: 'finished', attempts: [{}, { outcome: 'finished' }] });
    expect(sweep?.attempts).toHaveLength(2);
    expect(sweep?.attempts[1]?.measurementId).toMatch(/^[0-9a-f]{64}$/);
    expect(await store.reliability()).toEqual([
      {
        hw: 'synthetic-h200',
        framework: 'sglang',
        attempts: 2,
        finished: 1,
        failures: { 'engine-died': 1 },
        starts: 2,
        failedStarts: {},
      },
    ]);
  });

  test('configurations list what can be selected', async () => {
    await ingest(someSweep);
    const [configuration, ...others] = await store.configurations();
    expect(others).toEqual([]);
    expect(configuration).toMatchObject({
      modelPrefix: 'dsr1',
      hw: 'synthetic-h200',
      isl: 1024,
      gpus: 8,
      disagg: false,
      concurrencies: [1, 2, 4],
    });
  });
});
