import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProduct } from '../../../test/support/product.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trace-'));
});
afterAll(() => rm(folder, { recursive: true }));

const rows = [0, 1, 2].map((index) =>
  JSON.stringify({ timestamp: 1000 * index, input_length: 1024, output_length: 8, hash_ids: [0, index + 1] }),
);

test('trace describe prints a trace as JSON and writes its picture', async () => {
  const file = join(folder, 'trace.jsonl');
  const picture = join(folder, 'trace.svg');
  await writeFile(file, rows.join('\n'));
  const { code, stdout } = await runProduct(['trace', 'describe', file, '--json', '--out', picture], {
    cwd: folder,
  });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    kind: 'trace',
    requests: 3,
    input: { mean: 1024 },
    idealHits: { blockTokens: 512, unlimited: 1 / 3 },
  });
  expect(await readFile(picture, 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
});

test('trace describe rejects a damaged row, and a picture of another format, with exit code 2', async () => {
  const file = join(folder, 'damaged.jsonl');
  await writeFile(file, [...rows, '{"input_length": -1, "output_length": 8}'].join('\n'));
  const damaged = await runProduct(['trace', 'describe', file], { cwd: folder });
  expect(damaged.code).toBe(2);
  expect(damaged.stderr).toMatch(/damaged\.jsonl:4: input_length must be a whole number/);
  const picture = await runProduct(['trace', 'describe', file, '--out', 'trace.png'], { cwd: folder });
  expect(picture.code).toBe(2);
  expect(picture.stderr).toMatch(/expected a name that ends in \.svg or \.html/);
});
