import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { CaseRepository } from '../../../../test/support/changelog-cases.ts';
import { said } from '../../../../test/support/said.ts';

const home = process.cwd();
const changelog = 'perf-changelog.yaml';
const folder = 'perf-changelog.d';
let repository: CaseRepository;

const config = (key: string) => `${key}:
  image: example/engine:1
  model: org/model
  model-prefix: m
  runner: pool
  precision: fp8
  framework: vllm
  multinode: false
  scenarios:
    fixed-seq-len:
    - { isl: 1024, osl: 1024, search-space: [{ tp: 1, conc-list: [1, 2] }] }
`;
const entry = (key: string, link: number | 'XXX') =>
  `- config-keys:\n    - ${key}\n  description:\n    - A newer engine\n  pr-link: https://github.com/SemiAnalysisAI/InferenceX/pull/${link}\n`;

beforeEach(() => {
  repository = new CaseRepository(realpathSync(mkdtempSync(join(tmpdir(), 'changelog-folder-'))));
  process.chdir(repository.path);
  repository.write('configs/all-master.yaml', ['one', 'two', 'three'].map(config).join(''));
  repository.write('configs/runners.yaml', 'labels:\n  pool: [pool_0]\n');
  repository.write(changelog, entry('one', 1));
  repository.commit();
});
afterEach(() => {
  process.chdir(home);
  rmSync(repository.path, { recursive: true });
});

/** A branch of main with an entry in its own file. */
async function branchWith(name: string, key: string): Promise<void> {
  repository.git('checkout', '--quiet', '-b', name, 'main');
  const link = `https://github.com/SemiAnalysisAI/InferenceX/pull/${name.replace(/\D+/, '')}`;
  const words = [
    'add',
    '--own-file',
    '--config-keys',
    key,
    '--description',
    'A newer engine',
    '--pr-link',
    link,
  ];
  const { code, stderr } = await said('changelog', ...words);
  expect(code, stderr).toBe(0);
  repository.commit(name);
}

function merge(name: string): void {
  repository.git('checkout', '--quiet', 'main');
  repository.git('merge', '--quiet', '--no-ff', '--message', `merge ${name}`, name);
}

const matrix = z.object({
  changelog_metadata: z.object({ entries: z.array(z.object({ 'config-keys': z.array(z.string()) })) }),
});

async function keysAsked(base: string): Promise<string[]> {
  const { code, stdout, stderr } = await said('changelog', '--base-ref', base, '--json');
  expect(code, stderr).toBe(0);
  return matrix.parse(JSON.parse(stdout)).changelog_metadata.entries.flatMap((one) => one['config-keys']);
}

test('two branches that add an entry each merge without a conflict, and are read in the order of their merges', async () => {
  await branchWith('pull-8', 'two');
  await branchWith('pull-9', 'three');
  expect(await keysAsked('main')).toEqual(['three']);
  merge('pull-9');
  merge('pull-8');
  expect(readdirSync(folder)).toHaveLength(2);
  expect(await keysAsked('HEAD~2')).toEqual(['three', 'two']);
  expect(await keysAsked('HEAD~1')).toEqual(['two']);

  const folded = await said('changelog', 'fold', '--json');
  expect(JSON.parse(folded.stdout)).toMatchObject({
    entries: 2,
    files: [expect.stringContaining('/three-'), expect.stringContaining('/two-')],
  });
  expect(existsSync(folder)).toBe(false);
  expect(repository.read(changelog)).toBe([entry('one', 1), entry('three', 9), entry('two', 8)].join('\n'));
  repository.commit('fold');
  expect(await keysAsked('HEAD~3')).toEqual(['three', 'two']);
  expect(await keysAsked('HEAD~1')).toEqual([]);
  const check = await said('changelog', 'check', '--base-ref', 'HEAD~1', '--strict', '--json');
  expect([check.code, JSON.parse(check.stdout)]).toEqual([
    0,
    { file: changelog, entries: 0, points: 0, checks: 0 },
  ]);
});

test('the same two entries in the changelog itself do conflict, and resolve-conflict merges them', async () => {
  for (const [name, key] of [
    ['pull-8', 'two'],
    ['pull-9', 'three'],
  ] as const) {
    repository.git('checkout', '--quiet', '-b', name, 'main');
    repository.write(changelog, `${entry('one', 1)}\n${entry(key, 'XXX')}`);
    repository.commit(name);
    const { code, stderr } = await said(
      'changelog',
      'canonicalize',
      '--base-ref',
      'main',
      '--pr-number',
      name.slice(-1),
    );
    expect(code, stderr).toBe(0);
    repository.commit('link');
  }
  merge('pull-9');
  repository.git('checkout', '--quiet', 'pull-8');
  expect(() => repository.git('merge', '--quiet', 'main')).toThrow();
  expect(repository.read(changelog)).toContain('<<<<<<<');
  expect((await said('changelog', 'resolve-conflict', '--pr-number', '8')).code).toBe(0);
  expect(repository.read(changelog)).toBe([entry('one', 1), entry('three', 9), entry('two', 8)].join('\n'));
});

test('canonicalize writes the link into files of the branch, and fold refuses one without a number', async () => {
  repository.write(`${folder}/two.yaml`, entry('two', 'XXX'));
  repository.commit();
  const refused = await said('changelog', 'fold');
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/^error: perf-changelog\.d\/two\.yaml:1: the link is still .*XXX/),
  ]);
  const written = await said(
    'changelog',
    'canonicalize',
    '--base-ref',
    'HEAD~1',
    '--pr-number',
    '7',
    '--json',
  );
  expect(JSON.parse(written.stdout)).toMatchObject({ written: [`${folder}/two.yaml`] });
  expect(repository.read(`${folder}/two.yaml`)).toBe(entry('two', 7));
});

test('canonicalize prepares a repository without a changelog file, and a file named by any path', async () => {
  const asked = ['--base-ref', 'HEAD~1', '--pr-number', '7', '--json'];
  rmSync(changelog, { force: true });
  repository.commit('without the file');
  repository.write(`${folder}/two.yaml`, entry('two', 'XXX'));
  repository.commit('two');
  const prepared = await said('changelog', 'canonicalize', ...asked);
  expect(JSON.parse(prepared.stdout), prepared.stderr).toMatchObject({ written: [`${folder}/two.yaml`] });
  repository.write('named.yaml', entry('three', 'XXX'));
  for (const path of ['./named.yaml', resolve('named.yaml')]) {
    repository.write('named.yaml', entry('three', 'XXX'));
    const named = await said('changelog', 'canonicalize', '--changelog-file', path, ...asked);
    expect(JSON.parse(named.stdout), named.stderr).toMatchObject({ written: ['named.yaml'] });
    expect(repository.read('named.yaml')).toBe(entry('three', 7));
  }
});

test('a fold that was cut off before its files were removed adds nothing twice', async () => {
  await branchWith('pull-8', 'two');
  merge('pull-8');
  const [name = ''] = readdirSync(folder);
  const text = repository.read(`${folder}/${name}`);
  await said('changelog', 'fold');
  const folded = repository.read(changelog);
  repository.write(`${folder}/${name}`, text);
  expect(JSON.parse((await said('changelog', 'fold', '--json')).stdout)).toMatchObject({ entries: 0 });
  expect(repository.read(changelog)).toBe(folded);
  expect(existsSync(folder)).toBe(false);
});

test('an entry of a file that is edited or deleted later is refused, as in the changelog', async () => {
  await branchWith('pull-8', 'two');
  merge('pull-8');
  const [name = ''] = readdirSync(folder);
  repository.write(`${folder}/${name}`, entry('three', 8));
  repository.commit();
  const edited = await said('changelog', 'check', '--base-ref', 'HEAD~1');
  expect([edited.code, edited.stderr]).toEqual([
    1,
    expect.stringContaining(`error: ${folder}/${name}:1: the entry for two was edited`),
  ]);
});
