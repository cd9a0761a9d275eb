import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { cpuGrowth } from '../../test/support/cpu-proportion.ts';
import { InputError } from '../errors.ts';
import { problemsOf } from './problems.ts';
import { parseYamlAs, readYamlAs } from './yaml-file.ts';
import { parseYaml } from './yaml-positions.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-yaml-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const schema = z.record(z.string(), z.object({ a: z.string() }));
const keys = (count: number) => Array.from({ length: count }, (_, index) => `k${index}: 1\n`).join('');

async function refused(text: string): Promise<string> {
  const error: unknown = await parseYamlAs('f.yaml', text, schema).catch((thrown: unknown) => thrown);
  if (!(error instanceof InputError)) throw error;
  return error.message;
}

test('the time that a file takes is in proportion to its keys', () => {
  const growth = cpuGrowth(100, (size) => {
    const text = keys(size);
    return () => {
      const yaml = parseYaml('f.yaml', text);
      for (let key = 0; key < size; key++) yaml.locate([`k${key}`]);
    };
  });
  expect(growth).toBeLessThan(6);
});

test('of a mistake that causes thousands of problems, the first hundred are reported', async () => {
  const message = await refused(keys(3_000));
  expect(message.split('\n')).toHaveLength(101);
  expect(message).toMatch(/^f\.yaml:1:5: k0: expected a map, found a number\n/);
  expect(message).toMatch(/\nf\.yaml: and 2900 more problems; fix these first$/);
  const strict = z.strictObject({ a: z.number().optional() });
  const yaml = parseYaml('f.yaml', keys(3_000));
  const parsed = strict.safeParse(yaml.value);
  expect(parsed.error && problemsOf(yaml, strict, parsed.error)).toHaveLength(101);
});

test.each([
  ['keys that are there again', 'a: 1\n'.repeat(3_000), 'duplicate key'],
  ['aliases of nothing', `a: 1\n${'- *b\n'.replace('- ', 'k: ')}`, "unknown anchor '&b'"],
  ['lists in lists', '['.repeat(50_000), 'is nested too deeply'],
  [
    'maps in maps',
    Array.from({ length: 2_000 }, (_, at) => `${' '.repeat(at)}k:\n`).join(''),
    'is nested too deeply',
  ],
  [
    'a bomb of aliases',
    'a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d]\n',
    'its aliases expand',
  ],
  ['more than any config has', `a: ${'x'.repeat(5_000_000)}\n`, 'is longer than 4 MiB'],
])('%s are one short error', async (_, text, expected) => {
  const message = await refused(text);
  expect(message).toContain(expected);
  expect(message.length).toBeLessThan(20_000);
});

test('a pipe, a device and a large file are not waited for or read', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
  await writeFile(join(folder, 'large.yaml'), Buffer.alloc(5_000_000, 'a'));
  const read = async (file: string) => await readYamlAs(file, schema);
  await expect(read(join(folder, 'pipe.yaml'))).rejects.toThrow('is not a regular file');
  await expect(read('/dev/zero')).rejects.toThrow('is not a regular file');
  await expect(read(join(folder, 'large.yaml'))).rejects.toThrow('is longer than 4 MiB');
});
