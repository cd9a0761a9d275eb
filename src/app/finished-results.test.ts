import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SweepDirectory } from '../sweep/index.ts';
import { finishedResults } from './finished-results.ts';

let directory: SweepDirectory;
beforeEach(async () => {
  directory = new SweepDirectory(await mkdtemp(join(tmpdir(), 'finished-')));
  await mkdir(join(directory.path, 'raw'));
  await mkdir(directory.rows);
});
afterEach(() => rm(directory.path, { recursive: true, force: true }));

const row = (conc: number) => ({
  hw: 'h200',
  conc,
  image: 'lmsysorg/sglang:v0.5.6',
  model: 'deepseek-ai/DeepSeek-R1-0528',
  infmax_model_prefix: 'dsr1',
  framework: 'sglang',
  precision: 'fp8',
  spec_decoding: 'none',
  disagg: false,
  isl: 1024,
  osl: 1024,
  is_multinode: false,
  tp: 8,
  ep: 1,
  dp_attention: 'false',
  tput_per_gpu: 100,
  output_tput_per_gpu: 50,
  input_tput_per_gpu: 50,
});

async function finish(concurrencies: readonly number[]): Promise<void> {
  const lines = concurrencies.map((conc) => ({
    at: '2026-01-14T10:15:00.000Z',
    upS: conc,
    type: 'point-finished',
    sessionId: 's',
    pointId: `p${conc}`,
    resultFilename: `r${conc}`,
    verdict: 'checked',
    outputThroughput: 400,
    medianTtftMs: 200,
    medianTpotMs: 20,
  }));
  await writeFile(directory.journal, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  for (const conc of concurrencies) {
    await writeFile(directory.rawResult(`r${conc}`), '{}');
    await writeFile(directory.aggregateRow(`r${conc}`), JSON.stringify(row(conc)));
  }
}

test('the order of results does not depend on which point finished first', async () => {
  for (const order of [
    [1, 2, 4],
    [4, 1, 2],
  ]) {
    await finish(order);
    expect((await finishedResults(directory)).map((result) => result.row.conc)).toEqual([1, 2, 4]);
  }
});
