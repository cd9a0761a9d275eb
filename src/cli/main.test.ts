import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { said } from '../../test/support/said.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'main-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('run', () => {
  test('an empty list of entries is not a failure and makes no sweep', async () => {
    const entries = join(folder, 'entries.json');
    await writeFile(entries, '[]');
    const { code, stderr } = await said('run', '--entries', entries, '--state-dir', folder);
    expect([code, stderr]).toEqual([0, 'nothing to measure: the list of entries is empty\n']);
    expect(await readdir(folder)).toEqual(['entries.json']);
  });
  test('a resumed sweep has its own points, so no others can be selected', async () => {
    const { code, stderr } = await said('run', '--resume', '--config-keys', 'x', '--state-dir', folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--resume.*cannot be used with.*--config-keys/);
  });
  test.each(['0', '65536', 'x'])('%s is not a port', async (port) => {
    const { code, stderr } = await said('run', '--config-keys', 'x', '--port', port);
    expect([code, stderr]).toEqual([2, expect.stringContaining('a port is a whole number from 1 to 65535')]);
  });
});

test.each([
  [
    ['bench', 'serve', '--max-concurrency', '1', '2', '4'],
    'serve',
    '2, 4 (write a list of numbers with commas, such as 1,2,4)',
  ],
  [['validate', 'configs.yaml'], 'validate', 'configs.yaml'],
])('names unexpected arguments: %s', async (words, command, rest) => {
  const { code, stderr } = await said(...words);
  expect(code).toBe(2);
  expect(stderr).toContain(`error: ${command} takes no arguments besides its options, but got ${rest}\n`);
});

test('validate rejects a named changelog that does not exist', async () => {
  const missing = join(folder, 'nope.yaml');
  const { code, stderr } = await said('validate', '--changelog-file', missing);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`${missing}: cannot be read`)]);
});

test('a state folder that is not writable is a clear error', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const { code, stderr } = await said('watch', '--once', '--state-dir', join(file, 'x'));
  expect([code, stderr]).toEqual([2, expect.stringContaining(`cannot write to ${file}`)]);
});

describe('keys and filters that match nothing', () => {
  test('stale rejects an unknown key, even next to a good one', async () => {
    const { code, stdout, stderr } = await said(
      'stale',
      '--state-dir',
      folder,
      '--config-keys',
      'smollm2-q4-cpu-llamacpp',
      'smollm2-q4-cpu-lamacpp',
    );
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain("did you mean 'smollm2-q4-cpu-llamacpp'?");
  });

  test.each([
    [['--config-keys', 'nope'], "no config key 'nope'"],
    [['--framework', 'sglan'], "no config has framework 'sglan' (did you mean 'sglang'?)"],
    [['--precision', 'int3'], "no config has precision 'int3'"],
    [['--model-prefix', 'nope'], "no config key starts with 'nope'"],
    [['--max-conc', '-1'], '--max-conc -1 matches nothing'],
  ])('generate prints nothing and warns: %j', async (filter, warning) => {
    const { code, stdout, stderr } = await said('generate', 'full-sweep', ...filter);
    expect([code, stdout]).toEqual([0, '[]\n']);
    expect(stderr).toContain(`warning: ${warning}`);
  });

  test('generate prints nothing on stderr if every filter matches', async () => {
    expect((await said('generate', 'full-sweep', '--framework', 'sglang', '--count')).stderr).toBe('');
  });
});

test.each([
  [['stale', '--explain', '--json']],
  [['generate', 'test-config', '--config-keys', 'x', '--json', '--format', 'github']],
  [['generate', 'test-config', '--config-keys', 'x', '--json', '--explain', 'x']],
  [['plan', '--config-keys', 'x', '--json', '--format', 'table']],
  [['changelog', '--base-ref', 'main', '--json', '--explain']],
])('--json is rejected with options that print something else: %j', async (words) => {
  const { code, stderr } = await said(...words);
  expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be used with')]);
});

test('numbers of an option that are separated by spaces get the right form', async () => {
  const serve = await said('bench', 'serve', '--model', 'x', '--max-concurrency', '1', '2', '4');
  expect([serve.code, serve.stderr]).toEqual([2, expect.stringContaining('--max-concurrency 1,2,4')]);
  const plan = await said('plan', 'my-config');
  expect([plan.code, plan.stderr]).toEqual([2, expect.not.stringContaining('separated by commas')]);
});

test('an unknown failure class names the ones that exist', async () => {
  const { code, stderr } = await said('run', '--config-keys', 'x', '--retries', 'zzz=2');
  expect([code, stderr]).toEqual([2, expect.stringContaining('expected one of')]);
});

test('the link of a changelog entry must be a URL', async () => {
  const { code, stderr } = await said(
    'changelog',
    'add',
    '--config-keys',
    'x',
    '--description',
    'Why',
    '--pr-link',
    'foo',
  );
  expect([code, stderr]).toEqual([2, expect.stringContaining('expected a URL')]);
});

test('an invalid list of entries is reported with the entry and the field', async () => {
  const entries = join(folder, 'entries.json');
  const printed = await said('generate', 'test-config', '--config-keys', 'smollm2-q4-cpu-llamacpp');
  const [first, ...rest]: unknown[] = JSON.parse(printed.stdout);
  await writeFile(entries, JSON.stringify([first, { ...Object(first), conc: 'many' }, ...rest]));
  const { code, stderr } = await said('plan', '--entries', entries, '--state-dir', folder);
  expect([code, stderr]).toEqual([2, expect.stringContaining('not a list of matrix entries: [1].conc: ')]);
});

describe('the version and the help', () => {
  test.each([['--version'], ['-V'], ['version']])('%s prints the version', async (word) => {
    const { code, stdout } = await said(word);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^inferencemax \d+\.\d+\.\d+(-dev)?\n$/)]);
  });

  test.each([
    [['help'], 'Usage: inferencemax [options] [command]'],
    [['help', 'run'], 'Usage: inferencemax run [options]'],
    [['help', 'bench', 'serve'], 'Usage: inferencemax bench serve [options]'],
  ])('%j prints the help', async (words, usage) => {
    const { code, stdout } = await said(...words);
    expect([code, stdout]).toEqual([0, expect.stringContaining(usage)]);
  });

  test('of an unknown command suggests a similar one', async () => {
    const { code, stderr } = await said('help', 'rnu');
    expect([code, stderr]).toEqual([2, expect.stringContaining("unknown command 'rnu'")]);
  });
});
