import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeEachStore } from '../../test/support/each-store.ts';
import {
  randomNumbers,
  resultFilename,
  somePoint,
  syntheticJob,
  syntheticRaw,
  syntheticRow,
} from '../../test/support/synthetic-results.ts';
import { someSweep, writeSweepFiles } from '../../test/support/synthetic-sweep.ts';
import { type ZipEntry, zip } from '../../test/support/zip.ts';
import { packageRoot } from '../package-root.ts';
import { aggregateRowOfJob } from '../results/index.ts';
import { openStore, type Store } from './index.ts';

const points = [1, 2, 4, 8].map((conc) => ({ ...somePoint, conc }));
const rows = points.map((point, index) => syntheticRow(point, randomNumbers(index)));
const [firstPoint = somePoint] = points;
const raw = syntheticRaw(firstPoint, randomNumbers(0));
const rawText = JSON.stringify(raw, null, 2);
const name = resultFilename(firstPoint);

/** Random text, which a database cannot compress. */
function randomText(length: number): string {
  const random = randomNumbers(3);
  return Array.from({ length }, () => String.fromCharCode(33 + Math.floor(90 * random()))).join('');
}

const score = {
  model: 'a/b',
  hw: 'H200',
  framework: 'vllm',
  precision: 'fp8',
  task: 'gsm8k',
  score: 0.9,
  score_name: 'em_strict',
  timestamp: '2026-01-14T10:15:00Z',
};

describeEachStore("a CI run's artifacts", (newStore) => {
  let folder: string;
  let location: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
    location = await newStore();
    store = await openStore(location);
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const concurrencies = async () => (await store.latestPoints()).map(({ row }) => row.conc);

  test("rows are stored once (alone, in lists and in zips), with the caller's facts about the run", async () => {
    await writeFile(join(folder, 'agg_one.json'), JSON.stringify(rows[0]));
    await mkdir(join(folder, 'results'));
    await writeFile(join(folder, 'results', 'agg_all.json'), JSON.stringify(rows.slice(0, 2)));
    await writeFile(join(folder, 'bmk.zip'), zip([{ name: 'agg_b.json', content: JSON.stringify(rows[2]) }]));
    await writeFile(join(folder, 'lines.jsonl'), `${JSON.stringify(rows[3])}\n\n`);
    const at = new Date('2026-01-20T08:00:00Z');
    await utimes(join(folder, 'agg_one.json'), at, at);
    const facts = { sweepId: 'ci-7', gitSha: 'abc', gitRef: 'main', url: 'https://ci.example/7' };
    expect(await store.ingest(folder, facts)).toMatchObject({ added: 4, unchanged: 1, quarantined: [] });
    expect(await store.ingest(folder, facts)).toMatchObject({ added: 0, unchanged: 5 });
    expect(await concurrencies()).toEqual([1, 2, 4, 8]);
    expect(await store.allSweeps()).toMatchObject([
      {
        id: 'ci-7',
        source: 'artifact',
        gitSha: 'abc',
        gitRef: 'main',
        url: facts.url,
        measurements: { checked: 0, unchecked: 4, suspect: 0, invalid: 0 },
      },
    ]);
    const times = new Map((await store.latestPoints()).map((one) => [one.row.conc, one.measuredAt]));
    expect(times.get(1)).toBe(at.toISOString());
    expect(times.get(4)).toBe('2026-01-14T10:15:00.000Z');
  });

  test('a row gets its raw result, time and fidelity if these are ingested later', async () => {
    await writeFile(
      join(folder, `agg_${name}.json`),
      JSON.stringify(aggregateRowOfJob(raw, syntheticJob(firstPoint))),
    );
    await store.ingest(folder);
    await writeFile(join(folder, `${name}.json`), rawText);
    expect(await store.ingest(folder)).toMatchObject({ added: 0, unchanged: 1, quarantined: [] });
    const [point, ...others] = await store.latestPoints();
    expect(others).toEqual([]);
    expect(point).toMatchObject({ verdict: 'checked', measuredAt: new Date(somePoint.at).toISOString() });
    expect((await store.measurement(point?.id ?? ''))?.raw).toEqual(raw);
    expect((await store.allSweeps())[0]?.measurements).toEqual({
      checked: 1,
      unchecked: 0,
      suspect: 0,
      invalid: 0,
    });
  });

  test('an artifact that is a run directory is ingested as that run', async () => {
    const run = join(folder, 'run');
    await writeSweepFiles(run, someSweep);
    const entries: ZipEntry[] = [];
    for (const path of await readdir(run, { recursive: true })) {
      const content = await readFile(join(run, path)).catch(() => undefined);
      if (content !== undefined) entries.push({ name: `work/${path}`, content });
    }
    const file = join(folder, 'run.zip');
    await writeFile(file, zip(entries));
    expect(await store.ingest(file)).toMatchObject({ added: 3, quarantined: [] });
    expect(await store.sweep(someSweep.sweepId)).toMatchObject({ state: 'finished', source: 'run' });
    expect(await store.ingest(run)).toMatchObject({ added: 0, unchanged: 3 });
  });

  test('artifacts of two commits are two sweeps, even in folders of the same name, and a growing folder stays one sweep', async () => {
    const [first, second] = ['a', 'b'].map((commit) => join(folder, commit, 'artifacts'));
    const facts = (commit: string) => ({ gitSha: commit.repeat(40), gitRef: 'main' });
    for (const [index, place] of [first ?? '', second ?? ''].entries()) {
      await mkdir(place, { recursive: true });
      await writeFile(join(place, 'agg_0.json'), JSON.stringify(rows[index]));
      await store.ingest(place, facts('ab'.charAt(index)));
    }
    const known = await store.allSweeps();
    expect(known.map(({ gitSha }) => gitSha?.charAt(0)).toSorted()).toEqual(['a', 'b']);
    await writeFile(join(first ?? '', 'agg_1.json'), JSON.stringify(rows[2]));
    expect(await store.ingest(first ?? '', facts('a'))).toMatchObject({ added: 1, unchanged: 1 });
    expect(await store.ingest(second ?? '', facts('a'))).toMatchObject({ added: 0, unchanged: 1 });
    expect(await store.allSweeps()).toHaveLength(2);
    expect((await store.allSweeps()).map(({ id }) => id)).toEqual(known.map(({ id }) => id));
  });

  test('each folder without facts from the caller stays one sweep while it grows', async () => {
    for (const [index, parent] of ['a', 'b', 'a'].entries()) {
      const place = join(folder, parent, 'artifacts');
      await mkdir(place, { recursive: true });
      await writeFile(join(place, `agg_${index}.json`), JSON.stringify(rows[index]));
      await store.ingest(place);
    }
    const counts = (await store.allSweeps()).map(({ measurements }) => measurements.unchecked);
    expect(counts.toSorted()).toEqual([1, 2]);
  });

  test('a sweep of a known commit accepts no measurements of another commit', async () => {
    const file = join(folder, 'agg_0.json');
    await writeFile(file, JSON.stringify(rows[0]));
    await store.ingest(file, { sweepId: 'ci-7', gitSha: 'abcdef1', gitRef: 'main', url: 'https://ci/7' });
    await writeFile(file, JSON.stringify(rows[1]));
    await expect(store.ingest(file, { sweepId: 'ci-7', gitSha: '1234567' })).rejects.toThrow(
      'sweep ci-7 measured commit abcdef1, not 1234567',
    );
    expect(await store.ingest(file, { sweepId: 'ci-7', gitRef: 'v1', url: 'https://ci/8' })).toMatchObject({
      added: 1,
    });
    expect(await store.allSweeps()).toMatchObject([
      { id: 'ci-7', gitSha: 'abcdef1', gitRef: 'main', url: 'https://ci/7' },
    ]);
  });

  test('a run keeps its folder as location until only another copy exists', async () => {
    const run = join(folder, 'run');
    await writeSweepFiles(run, someSweep);
    const copy = join(folder, 'copy');
    await writeSweepFiles(copy, someSweep);
    const place = async () => {
      const [point] = await store.latestPoints();
      return (await store.servedBy(point?.id ?? ''))?.location;
    };
    await store.ingest(copy, { uploadedAs: 'upload' });
    expect(await place()).toBeNull();
    for (const path of [run, copy]) await store.ingest(path);
    await store.ingest(copy, { uploadedAs: 'upload' });
    expect(await place()).toBe(run);
    await rm(run, { recursive: true });
    await store.ingest(copy);
    expect(await place()).toBe(copy);
  });

  test('a path without results is an error, and result files of every name are read', async () => {
    const inner = zip([{ name: 'agg_1.json', content: JSON.stringify(rows[1]) }]);
    await writeFile(
      join(folder, 'outer.zip'),
      zip([
        { name: 'AGG.JSON', content: JSON.stringify(rows[0]) },
        { name: 'inner.zip', content: inner },
      ]),
    );
    expect(await store.ingest(join(folder, 'outer.zip'))).toMatchObject({
      added: 1,
      quarantined: [{ file: 'inner.zip', reason: expect.stringContaining('nested archives are not opened') }],
    });
    await writeFile(join(folder, 'empty.zip'), zip([]));
    await mkdir(join(folder, 'logs'));
    await writeFile(join(folder, 'logs', 'engine.log'), 'ready');
    for (const name of ['empty.zip', 'logs']) {
      const { quarantined } = await store.ingest(join(folder, name));
      expect(quarantined).toMatchObject([{ file: name, reason: expect.stringContaining('contains no run') }]);
    }
    await writeFile(join(folder, 'none.json'), '[]');
    expect(await store.ingest(join(folder, 'none.json'))).toMatchObject({ added: 0, quarantined: [] });
  });

  test('malformed files are quarantined with a reason, and the rest is stored', async () => {
    const bad = { ...rows[0], conc: 'many' };
    await writeFile(join(folder, 'list.json'), JSON.stringify([rows[1], bad, 7]));
    await writeFile(join(folder, 'broken.json'), '{"hw": ');
    await writeFile(join(folder, 'other.json'), '{"name": "something else"}');
    await writeFile(join(folder, 'raw.json'), rawText);
    await writeFile(join(folder, 'lines.jsonl'), `not JSON\n${JSON.stringify(rows[2])}`);
    await writeFile(join(folder, 'cut.zip'), zip([{ name: 'a.json', content: '{}' }]).subarray(0, 40));
    const { added, quarantined } = await store.ingest(folder);
    expect(added).toBe(2);
    const reasons = Object.fromEntries(quarantined.map(({ file, reason }) => [file, reason]));
    expect(reasons).toEqual({
      'list.json[1]': expect.stringMatching(/^its aggregate row is invalid: conc: /),
      'list.json[2]': expect.stringContaining('neither aggregate rows'),
      'broken.json': expect.stringContaining('JSON'),
      'other.json': expect.stringContaining('neither aggregate rows, raw results'),
      'raw.json': expect.stringContaining('a raw result without its aggregate row'),
      'lines.jsonl:1': expect.stringContaining('not valid JSON'),
      'cut.zip': expect.stringContaining('not a zip archive'),
    });
    expect(await store.quarantined()).toHaveLength(7);
  });

  test('values that no column can hold are quarantined, and the rest is stored', async () => {
    const [row, ...good] = rows;
    const bad = [
      { ...row, model: 'a\0b' },
      { ...row, image: 'half a pair \ud800' },
      { ...row, conc: 2 ** 31 },
      { ...row, tp: 4.5 },
    ];
    await writeFile(join(folder, 'list.json'), JSON.stringify([...bad, ...good]));
    const { added, quarantined } = await store.ingest(folder);
    expect(added).toBe(good.length);
    expect(quarantined.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('model: has a character that a database cannot store'),
      expect.stringContaining('image: has a character that a database cannot store'),
      expect.stringContaining('conc: expected a whole number from 1 to 2147483647, found 2147483648'),
      expect.stringContaining('tp: expected a whole number'),
    ]);
  });

  test('impossible values are quarantined, and the rest is stored', async () => {
    const [row, ...good] = rows;
    const noGpus = { ...row, is_multinode: true, num_prefill_gpu: 0, num_decode_gpu: 0 };
    const cases: [object, string][] = [
      [{ ...row, tp: '8' }, 'tp: expected a whole number from 1 to 1000000, found "8"'],
      [{ ...row, tp: 0 }, 'tp: expected a whole number'],
      [noGpus, 'num_prefill_gpu: expected a whole number'],
      [{ ...row, is_multinode: true }, 'num_prefill_gpu: required in a multi-node row'],
      [
        { ...row, is_multinode: true, num_prefill_gpu: 8, num_decode_gpu: 8, decode_tp: 0 },
        'decode_tp: found 0, but there are GPUs that decode',
      ],
      [{ ...row, tput_per_gpu: 1e308 }, 'tput_per_gpu: expected a number from 0 to 1000000000000000'],
      [{ ...row, output_tput_per_gpu: -5 }, 'output_tput_per_gpu: expected a number'],
      [{ ...row, median_tpot: 'NaN' }, 'median_tpot: expected a number'],
      [{ ...row, hw: '' }, 'hw: is empty'],
      [{ ...row, hw: 'h'.repeat(9000) }, 'hw: has 9000 characters'],
      [{ ...row, framework: 'é'.repeat(10) }, 'framework: has 10 characters'],
      [{ ...score, n_eff: -4 }, 'n_eff: expected a whole number from 0'],
    ];
    const bad = cases.map(([one]) => one);
    await writeFile(join(folder, 'list.json'), JSON.stringify([...bad, ...good]));
    const { added, evals, quarantined } = await store.ingest(folder);
    expect({ added, evals }).toEqual({ added: good.length, evals: 0 });
    expect(quarantined.map(({ reason }) => reason)).toEqual(
      cases.map(([, reason]) => expect.stringContaining(reason)),
    );
  });

  test('a multi-node row without decode workers has 0 decode GPUs, and all of its GPUs decode', async () => {
    const [row] = rows;
    const aggregated = {
      ...row,
      is_multinode: true,
      num_prefill_gpu: 16,
      prefill_tp: 8,
      prefill_ep: 8,
      prefill_dp_attention: 'true',
      prefill_num_workers: 2,
      num_decode_gpu: 0,
      decode_tp: 0,
      decode_ep: 0,
      decode_dp_attention: 'true',
      decode_num_workers: 0,
    };
    await writeFile(join(folder, 'list.json'), JSON.stringify([aggregated]));
    expect(await store.ingest(folder)).toMatchObject({ added: 1, quarantined: [] });
    const [point] = await store.latestPoints();
    expect(point).toMatchObject({ gpus: 16, row: { decode_tp: 0, num_decode_gpu: 0 } });
  });

  test('a bad file next to a row or in a run is quarantined, and the rest is stored', async () => {
    const [row] = rows;
    const bad = [
      { ...score, timestamp: undefined, source: 'results_2026-99-99T99-99-99.json' },
      { ...score, gate: { verdict: 'fail', reason: 'a\0b' } },
    ];
    await writeFile(join(folder, 'list.json'), JSON.stringify([...bad, row, score]));
    await writeSweepFiles(join(folder, 'good'), someSweep);
    const broken = join(folder, 'broken');
    await writeSweepFiles(broken, { ...someSweep, seed: 5 });
    await writeFile(join(broken, 'agg_other.json'), JSON.stringify(rows[1]));
    for (const text of ['', '{}', JSON.stringify({ sweepId: 'a\0b', createdAt: '2026-01-14T10:15:00Z' })]) {
      await writeFile(join(broken, 'sweep.json'), text);
      const { quarantined } = await store.ingest(folder);
      const reasons = new Map(quarantined.map(({ file, reason }) => [file, reason]));
      expect(reasons.get('broken/sweep.json')).toMatch(/^not a sweep: /);
      expect(reasons.get('broken/journal.jsonl')).toMatch(
        /^the sweep.json of its run cannot be used: not a sweep/,
      );
      expect([...reasons.keys()].filter((path) => path.startsWith('broken/raw/'))).toHaveLength(3);
      expect(reasons.get('list.json[0]')).toContain('source: 2026-99-99T99:99:99 is not a time');
      expect(reasons.get('list.json[1]')).toContain('reason: has a character that a database cannot store');
    }
    expect(await store.sweep(someSweep.sweepId)).toMatchObject({ measurements: { checked: 3 } });
    expect((await store.stats()).measurements).toEqual({ checked: 3, unchecked: 2 });
    expect((await store.evals()).items).toHaveLength(1);
  });

  test('a run is stored without values of its plan, journal or raw results that no column can hold', async () => {
    const at = new Date(someSweep.at).toISOString();
    const odd = join(folder, 'odd');
    await writeSweepFiles(odd, {
      ...someSweep,
      points: someSweep.points.map((point) => ({ ...point, image: 'a\0b', model: 'half \ud800' })),
      change: (one) => ({ ...one, fidelity: { verdict: 'invalid', reasons: ['a\0b'] } }),
    });
    await store.ingest(odd);
    expect(await store.sweep(someSweep.sweepId)).toMatchObject({ measurements: { invalid: 3 } });
    const failing = join(folder, 'failing');
    const session = { at, sessionId: 'dsr1-fp8-synthetic-h200-sglang-1' };
    await writeSweepFiles(failing, {
      ...someSweep,
      sweepId: 'run-failing',
      change: (one) => ({
        ...one,
        source: { tool: 'a\0b' },
        telemetry: {
          power: { state: 'unavailable' },
          accelerators: { 'a\0b': { mean: 1, min: 1, max: 1 } },
          sampling: { proc: { samples: 2 ** 40 } },
        },
      }),
      seed: 7,
      journal: [
        { at, type: 'sweep-started' },
        { ...session, type: 'point-started', pointId: 'a\0b' },
        { ...session, type: 'point-failed', pointId: 'a\0b', failureClass: 'x\0'.repeat(9000) },
        { ...session, type: 'session-failed', failureClass: randomText(9000), message: 'a\0b' },
      ],
    });
    expect(await store.ingest(failing)).toMatchObject({ added: 3, quarantined: [] });
    expect(await store.sweep('run-failing')).toMatchObject({ measurements: { checked: 3 } });
  });

  test('paths outside the archive and zip bombs are rejected, and never written or unpacked', async () => {
    const good = { name: 'agg_good.json', content: JSON.stringify(rows[0]) };
    const mostBytes = 300 * 1024 * 1024;
    const entries = [
      good,
      { name: '../../escaped.json', content: JSON.stringify(rows[1]) },
      { name: '/tmp/absolute.json', content: JSON.stringify(rows[1]) },
      { name: 'a\\..\\..\\windows.json', content: JSON.stringify(rows[1]) },
      { name: 'agg_bomb.json', content: Buffer.alloc(20 * 1024 * 1024, ' ') },
      { name: 'agg_huge.json', content: '[]', claimedBytes: mostBytes },
      { name: 'agg_lie.json', content: JSON.stringify(rows[2]), claimedBytes: 10 },
    ];
    const file = join(folder, 'evil.zip');
    await writeFile(file, zip(entries));
    const { added, quarantined } = await store.ingest(file);
    expect(added).toBe(1);
    const reasons = Object.fromEntries(quarantined.map(({ file, reason }) => [file, reason]));
    expect(reasons).toEqual({
      '../../escaped.json': 'its name points outside the archive',
      '/tmp/absolute.json': 'its name points outside the archive',
      'a\\..\\..\\windows.json': 'its name points outside the archive',
      'agg_bomb.json': expect.stringContaining('as no result does'),
      'agg_huge.json': expect.stringContaining('too much for a result'),
      'agg_lie.json': expect.stringContaining('too many bytes'),
    });
    expect(existsSync('/tmp/absolute.json')).toBe(false);
  });

  test('an archive that unpacks to more than the caller allows is rejected with one message', async () => {
    const file = join(folder, 'large.zip');
    const content = `${JSON.stringify(rows[0])}\n`.repeat(20);
    await writeFile(
      file,
      zip([
        { name: 'a.jsonl', content },
        { name: 'b.jsonl', content },
      ]),
    );
    const refused = store.ingest(file, { mostUnpackedBytes: content.length + 1 });
    await expect(refused).rejects.toThrow(/unpacks to more than .* nothing of it was read/);
    expect(await store.ingest(file, { mostUnpackedBytes: 2 * content.length })).toMatchObject({ added: 1 });
  });

  test('concurrent ingests of the same and of other rows lose and duplicate nothing', async () => {
    const lists = Array.from({ length: 6 }, (_, part) =>
      Array.from({ length: 300 }, (_, index) => {
        // Parts overlap, and start at different positions within the same configurations.
        const seed = (part * 150 + index) % 600;
        return syntheticRow({ ...somePoint, conc: 1 + (seed % 40) }, randomNumbers(seed));
      }),
    );
    const files = lists.map((_, part) => join(folder, `${part}.json`));
    for (const [part, list] of lists.entries()) await writeFile(files[part] ?? '', JSON.stringify(list));
    const stores = await Promise.all(files.map(() => openStore(location)));
    const outcomes = await Promise.all(stores.map((one, part) => one.ingest(files[part] ?? '')));
    for (const one of stores) await one.close();
    expect(outcomes.reduce((sum, { added }) => sum + added, 0)).toBe(600);
    expect((await store.stats()).measurements).toEqual({ unchecked: 600 });
    expect(await concurrencies()).toHaveLength(40);
    const counted = (await store.allSweeps()).reduce(
      (sum, { measurements }) => sum + measurements.unchecked,
      0,
    );
    expect(counted).toBe(600);
  });

  const evals = join(packageRoot, '../shared/upstream-app-data/evals.json');
  describe.skipIf(!existsSync(evals))('the public eval rows (skipped: no ../shared)', () => {
    test('are stored, with the time from their source if they have no other', async () => {
      expect(await store.ingest(evals)).toMatchObject({ evals: 66, quarantined: [] });
      expect(await store.ingest(evals)).toMatchObject({ evals: 0 });
      const page = await store.evals({ hw: 'b200', task: 'gsm8k' }, { limit: 2 });
      expect(page.items).toHaveLength(2);
      expect(page.next).toBeDefined();
      const all = (await store.evals({}, { limit: 1000 })).items;
      expect(all).toHaveLength(66);
      expect(all.every(({ measuredAt }) => measuredAt.startsWith('2026-0'))).toBe(true);
      expect(all[0]).toMatchObject({ metric: 'em_strict', task: 'gsm8k' });
      expect(await store.evalDocument(all[0]?.id ?? '')).toMatchObject({ score_name: 'em_strict' });
    });
  });

  test('perf-changelog.yaml is stored, and its entries get their positions', async () => {
    const entries = [
      { 'config-keys': ['a'], description: ['first'], 'pr-link': 'https://x/1' },
      { 'config-keys': ['b*'], description: ['second'], 'pr-link': 'https://x/2' },
    ];
    await writeFile(
      join(folder, 'm.json'),
      JSON.stringify({ changelog_metadata: { entries: [entries[1]] } }),
    );
    expect(await store.ingest(folder)).toMatchObject({ changelogEntries: 1 });
    expect(await store.changelog()).toMatchObject([{ configKeys: ['b*'], position: null }]);
    const file = join(folder, 'perf-changelog.yaml');
    await writeFile(file, JSON.stringify(entries));
    expect(await store.ingest(file)).toMatchObject({ changelogEntries: 1 });
    expect(await store.changelog()).toMatchObject([
      { configKeys: ['b*'], position: 1, prLink: 'https://x/2' },
      { configKeys: ['a'], position: 0, description: ['first'] },
    ]);
  });
});
