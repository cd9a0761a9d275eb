import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProduct } from './support/product.ts';
import { randomNumbers, syntheticRow } from './support/synthetic-results.ts';
import { someSweep, writeSweepFiles } from './support/synthetic-sweep.ts';

const dayMs = 86_400_000;
/** Five sweeps of the same points on five days; in the last one, TTFT and TPOT are 20 % higher. */
const runs = [0, 1, 2, 3, 4].map((day) => ({
  ...someSweep,
  sweepId: `sweep-${day}`,
  at: someSweep.at + day * dayMs,
  seed: day,
  points: someSweep.points.map((point) => ({
    ...point,
    at: someSweep.at + day * dayMs,
    speed: day === 4 ? 0.8 : 1,
  })),
}));

describe('results compare', () => {
  let folder: string;
  const product = async (...args: string[]) => await runProduct(args, { cwd: folder });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'compare-'));
    for (const run of runs) await writeSweepFiles(join(folder, 'runs', run.sweepId), run);
    const { code, stdout } = await product('store', 'ingest', 'runs');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: 'runs: 15 new measurements, 0 known\n',
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('two sweeps that differ only by noise are the same, and the gate passes', async () => {
    const { code, stdout } = await product(
      'results',
      'compare',
      'sweep-0',
      'sweep-1',
      '--fail-on',
      'regression',
    );
    expect(stdout).toContain('## ');
    expect(stdout).toContain('Points: 0 better, 0 worse, 3 same, 0 not comparable.');
    expect(code).toBe(0);
  });

  test('a slower sweep is found, in Markdown and JSON, and the gate fails', async () => {
    const file = join(folder, 'out', 'compare.json');
    const dates = ['2026-01-17', 'latest'];
    const { code, stdout, stderr } = await product(
      'results',
      'compare',
      ...dates,
      '--json',
      '--output',
      file,
      '--fail-on',
      'regression',
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'failed on regression\n' });
    const comparison = JSON.parse(stdout);
    expect(comparison).toMatchObject({
      a: 'as of 2026-01-17',
      b: 'latest',
      warnings: [],
      points: { worse: 3 },
    });
    expect(comparison.curves[0]).toMatchObject({
      curve: 'dsr1 1024/1024 synthetic-h200 sglang fp8',
      frontier: { judgement: 'worse' },
    });
    expect(comparison.curves[0].points[0].metrics[2]).toMatchObject({ metric: 'TPOT', judgement: 'worse' });
    expect(await readFile(file, 'utf8')).toBe(stdout);
    const markdown = await product('results', 'compare', 'sweep-3', 'sweep-4');
    expect(markdown.code).toBe(0);
    expect(markdown.stdout).toMatch(/\| TP8 EP1 conc 1 \| 🔴 worse \| \*\*−\d/);
    expect(markdown.stdout).toContain('Benjamini–Hochberg');
  });

  test('folders are compared without a store; commits and branches are found in it', async () => {
    const folders = await product(
      'results',
      'compare',
      'runs/sweep-0',
      'runs/sweep-4',
      '--state-dir',
      'none',
    );
    expect(folders.stdout).toContain('the noise from run to run is not known');
    expect(folders.stdout).toContain('3 worse');
    for (const [gate, code] of [
      ['regression', 0],
      ['change', 0],
      ['regression-unrepeated', 1],
    ] as const) {
      const sides = ['runs/sweep-0', 'runs/sweep-4', '--state-dir', 'none'];
      expect((await product('results', 'compare', ...sides, '--fail-on', gate)).code, gate).toBe(code);
    }
    const withStore = await product('results', 'compare', 'runs/sweep-0', 'runs/sweep-4');
    expect(withStore.stdout).not.toContain('Note');
    expect(withStore.stdout).toContain('3 worse');
    const random = randomNumbers(9);
    for (const [branch, sha, speed] of [
      ['main', 'aaaaaaaaaa', 1],
      ['faster', 'bbbbbbbbbb', 1.3],
    ] as const) {
      const rows = someSweep.points.map((point) =>
        syntheticRow({ ...point, hw: 'synthetic-b200', speed }, random),
      );
      await writeFile(join(folder, `${branch}.json`), JSON.stringify(rows));
      const facts = ['--ref', branch, '--sha', sha, '--sweep-id', branch];
      expect((await product('store', 'ingest', `${branch}.json`, ...facts)).code).toBe(0);
    }
    await rm(join(folder, 'main.json'));
    const branches = await product('results', 'compare', 'aaaaaaaaa', 'faster');
    expect(branches.stdout).toContain('## aaaaaaaaa → faster');
    expect(branches.stdout).toContain('neither repeats nor intervals');
  });

  test('unknown names are clear errors', async () => {
    const { code, stderr } = await product('results', 'compare', 'nowhere', 'latest');
    expect(code).toBe(2);
    expect(stderr).toContain("'nowhere' is not a folder, and the store has no measurements");
    const several = await product('results', 'compare', 'swee', 'latest');
    expect(several.stderr).toContain("'swee' begins the ids of several sweeps");
    const bad = await product('results', 'compare', 'sweep-0', 'latest', '--fail-on', 'anything');
    expect(bad.code).toBe(2);
  });
});
