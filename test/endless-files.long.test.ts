import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProduct } from './support/product.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'endless-files-'));
  execFileSync('mkfifo', [join(folder, 'pipe.json')]);
  await writeFile(join(folder, 'huge.json'), '[');
  await truncate(join(folder, 'huge.json'), 600_000_000);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const server = ['--base-url', 'http://127.0.0.1:9', '--model', 'm'];
const load = ['bench', 'serve', ...server, '--num-prompts', '1'];

/** Commands that take a file name. */
const naming: Readonly<Record<string, (file: string) => readonly string[]>> = {
  'plan --entries': (file) => ['plan', '--entries', file],
  'run --plan': (file) => ['run', '--plan', file],
  'eval --gsm8k': (file) => ['eval', ...server, '--task', 'gsm8k', '--gsm8k', file],
  'eval --reference': (file) => ['eval', ...server, '--task', 'recall', '--reference', file],
  'results summarize': (file) => ['results', 'summarize', file],
  'results success-rate': (file) => ['results', 'success-rate', file],
  'results import': (file) => ['results', 'import', file],
  'bench merge': (file) => ['bench', 'merge', file, file],
  'bench serve --conformance': (file) => [...load, '--conformance', file],
  'bench serve --dataset-path': (file) => [...load, '--dataset-name', 'custom', '--dataset-path', file],
  'store stats --store': (file) => ['store', 'stats', '--store', file],
  'store restore': (file) => ['store', 'restore', file],
  'store ingest': (file) => ['store', 'ingest', file],
};

test.each(Object.entries(naming))(
  '%s does not read from a pipe, which might block forever',
  async (_, args) => {
    const { code, stderr } = await runProduct(args('pipe.json'), { cwd: folder });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^(error: )?[^\n]*pipe\.json[^\n]*\n$/)]);
    expect(stderr).toMatch(/regular file|neither a file nor a folder/);
  },
);

test.each(['plan --entries', 'results summarize'])('%s rejects a file that is too long', async (name) => {
  for (const file of ['huge.json', '/dev/zero']) {
    const { code, stderr } = await runProduct(naming[name]?.(file) ?? [], { cwd: folder });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: [^\n]{1,200}\n$/)]);
  }
});
