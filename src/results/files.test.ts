import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collect } from './collect.ts';
import { processResult } from './process.ts';
import { readRows } from './read-rows.ts';

const environment = {
  RUNNER_TYPE: 'cpu',
  FRAMEWORK: 'llama.cpp',
  PRECISION: 'q4',
  SPEC_DECODING: 'none',
  RESULT_FILENAME: 'small_conc2',
  ISL: '32',
  OSL: '64',
  DISAGG: 'false',
  MODEL_PREFIX: 'small',
  IMAGE: 'engine:v1',
  TP: '2',
  EP_SIZE: '1',
  DP_ATTENTION: 'false',
};
const raw = { model_id: 'm', max_concurrency: 2, total_token_throughput: 10, output_throughput: 4 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'results-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, value: unknown) => writeFile(join(folder, name), JSON.stringify(value));

describe('processResult', () => {
  test('writes the row beside the raw result, readable as rows are', async () => {
    await write('small_conc2.json', raw);
    const { file, row } = await processResult(folder, environment);
    expect(file).toBe(join(folder, 'agg_small_conc2.json'));
    expect(row).toMatchObject({ tput_per_gpu: 5, output_tput_per_gpu: 2, input_tput_per_gpu: 3 });
    expect(await readRows([file])).toEqual([row]);
  });

  test('says which file it could not read, and which variables are missing before it looks for one', async () => {
    await expect(processResult(folder, environment)).rejects.toThrow(
      /raw result .*small_conc2\.json: no such file or folder/,
    );
    await expect(processResult(folder, { ...environment, RESULT_FILENAME: 'x/../../y' })).rejects.toThrow(
      'RESULT_FILENAME points outside the folder: x/../../y',
    );
    await expect(processResult(folder, { ...environment, RESULT_FILENAME: undefined })).rejects.toThrow(
      'missing environment variables: RESULT_FILENAME',
    );
  });
});

describe('collect', () => {
  test('makes one array of every JSON file below the folder, and never of an earlier collection', async () => {
    await mkdir(join(folder, 'b'));
    await write('b/two.json', { two: [2] });
    await write('a.json', { one: 1 });
    await writeFile(join(folder, 'note.txt'), 'not a result');
    for (const _ of ['first', 'again']) {
      const { file, collected } = await collect(folder, 'all', folder);
      expect({ file, collected }).toEqual({ file: join(folder, 'agg_all.json'), collected: 2 });
      expect(JSON.parse(await readFile(file, 'utf8'))).toEqual([{ one: 1 }, { two: [2] }]);
    }
  });

  test('names every file that is not JSON', async () => {
    await writeFile(join(folder, 'a.json'), '{');
    await writeFile(join(folder, 'b.json'), '');
    await expect(collect(folder, 'all', folder)).rejects.toThrow(
      /a\.json:1:2: not JSON[\s\S]*b\.json: not JSON: it is empty/,
    );
  });
});

describe('readRows', () => {
  test('takes rows from files, lists and folders, and reports the place of an invalid one', async () => {
    await write('small_conc2.json', raw);
    await expect(readRows([folder])).rejects.toThrow(/small_conc2\.json: not aggregate rows/);
    await expect(readRows([join(folder, 'nowhere')])).rejects.toThrow('no such file or folder');
  });
});
