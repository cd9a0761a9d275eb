import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const fixture = (name: string): string =>
  new URL(`../../../results/import/testdata/${name}`, import.meta.url).pathname;

const runImport = (...args: readonly string[]) =>
  new Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>((resolve) => {
    const command = ['bin/inferencemax.js', 'results', 'import', ...args];
    execFile(process.execPath, command, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('prints the written files, the number of results, and the values that were dropped', async () => {
  const line = (await readFile(fixture('vllm.json'), 'utf8')).replaceAll('\n', '');
  const file = join(folder, 'lines.json');
  await writeFile(file, `${line}\n${line.replace('"median_tpot_ms": 4.5', '"median_tpot_ms": 0')}\n`);
  const out = join(folder, 'out');
  const { code, stdout, stderr } = await runImport(file, '--out-dir', out);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    `wrote ${join(out, 'lines_1.json')} (vllm, result 1 of 2)`,
    `wrote ${join(out, 'lines_2.json')} (vllm, result 2 of 2)`,
    '  median_tpot_ms is 0 ms with 79872 output tokens in 78 replies: TPOT is left out',
    '',
  ]);
});

test('implausible or invalid results exit with 2 and write nothing', async () => {
  const text = await readFile(fixture('vllm.json'), 'utf8');
  const wrong = join(folder, 'wrong.json');
  await writeFile(wrong, text.replace('"duration": 40.0', '"duration": 4.0'));
  const cut = join(folder, 'cut.json');
  await writeFile(cut, text.slice(0, 300));
  const out = join(folder, 'out');
  for (const [file, message] of [
    [wrong, 'request_throughput is 1.95, but 19.5 follows from 78 completed requests'],
    [cut, 'not JSON: it ends in the middle of a '],
  ] as const) {
    const { code, stdout, stderr } = await runImport(fixture('sglang.jsonl'), file, '--out-dir', out);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`error: ${file}`);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  }
  expect((await readdir(folder)).toSorted()).toEqual(['cut.json', 'wrong.json']);
});
