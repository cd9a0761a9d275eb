import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../src/package-root.ts';
import { runProduct, tinyConfig } from './support/product.ts';

let repository: string;
beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'changelog-'));
  git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => rm(repository, { recursive: true, force: true }));

function git(...args: string[]): string {
  const identity = [
    '-c',
    'user.name=Tester',
    '-c',
    'user.email=tester@example.org',
    '-c',
    'commit.gpgsign=false',
  ];
  return execFileSync('git', ['-C', repository, ...identity, ...args], { encoding: 'utf8' });
}

async function commit(changelog: string): Promise<void> {
  await writeFile(join(repository, 'perf-changelog.yaml'), changelog);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'change');
}

const changelog = async (...args: string[]) => await runProduct(['changelog', ...args], { cwd: repository });

const golden = join(packageRoot, '../shared/upstream-2026-01/changelog');
const cases = z.array(z.object({ name: z.string(), exit: z.int() }));
const output = z.object({
  single_node: z.record(z.string(), z.array(z.unknown())),
  multi_node: z.record(z.string(), z.array(z.unknown())),
  changelog_metadata: z.object({ base_ref: z.string(), head_ref: z.string(), entries: z.array(z.unknown()) }),
});

/** Compares lists as multisets, because the public tool's order of wildcard matches differs between runs. */
function comparable({ single_node, multi_node, changelog_metadata }: z.infer<typeof output>) {
  const unordered = (groups: Record<string, unknown[]>) =>
    Object.fromEntries(
      Object.entries(groups).map(([name, list]) => [name, list.map((entry) => canonical(entry)).toSorted()]),
    );
  return {
    single: unordered(single_node),
    multi: unordered(multi_node),
    entries: changelog_metadata.entries,
  };
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => a.localeCompare(b)))
      : inner,
  );
}

describe.skipIf(!existsSync(golden))('real commits of the public changelog (skipped: no ../shared)', () => {
  const all = existsSync(golden)
    ? cases.parse(JSON.parse(readFileSync(join(golden, 'cases.json'), 'utf8')))
    : [];

  test.each(all)('case $name', async ({ name, exit }) => {
    const folder = join(golden, name);
    await mkdir(join(repository, '.github', 'configs'), { recursive: true });
    for (const file of ['nvidia-master.yaml', 'amd-master.yaml', 'runners.yaml']) {
      await cp(join(folder, file), join(repository, '.github', 'configs', file));
    }
    await commit(await readFile(join(folder, 'perf-changelog.before.yaml'), 'utf8'));
    await commit(await readFile(join(folder, 'perf-changelog.after.yaml'), 'utf8'));
    const { code, stdout, stderr } = await changelog('--base-ref', 'HEAD^', '--head-ref', 'HEAD');
    expect(code, stderr).toBe(exit);
    if (exit !== 0) {
      expect(stderr).toMatch(/^error: perf-changelog\.yaml:\d+:/);
      return;
    }
    const [ours, theirs] = [stdout, await readFile(join(folder, 'output.json'), 'utf8')].map((text) =>
      output.parse(JSON.parse(text)),
    );
    if (ours === undefined || theirs === undefined) throw new Error('no output');
    expect(comparable(ours)).toEqual(comparable(theirs));
    expect(ours.changelog_metadata).toMatchObject({ base_ref: 'HEAD^', head_ref: 'HEAD' });
  });
});

describe('in a repository', () => {
  const key = 'smollm2-q4-cpu-llamacpp';
  const entry = (keys: string, link: number) =>
    `- config-keys:\n    - ${keys}\n  description:\n    - Something changed\n  pr-link: https://example.org/${link}\n`;

  beforeEach(async () => {
    await mkdir(join(repository, '.github', 'configs'), { recursive: true });
    await writeFile(join(repository, '.github', 'configs', 'cpu-master.yaml'), tinyConfig());
    await commit('# nothing yet\n');
  });

  test('an added entry requests each of its configs once, and --explain shows the line', async () => {
    await commit(`${entry("'smollm2-*'", 1)}\n${entry(key, 2)}`);
    const { code, stdout } = await changelog('--base-ref', 'HEAD^');
    expect(code).toBe(0);
    expect((await changelog('--base-ref', 'HEAD^', '--head-ref', 'HEAD')).stdout).toBe(stdout);
    const { single_node, multi_node } = output.parse(JSON.parse(stdout));
    expect(Object.entries(single_node).map(([name, entries]) => [name, entries.length])).toEqual([
      ['32_16', 2],
      ['16_24', 1],
    ]);
    expect(multi_node).toEqual({});
    expect((await changelog('--base-ref', 'HEAD^', '--explain')).stdout).toBe(
      `perf-changelog.yaml:1: Something changed\n  asks for ${key}\nperf-changelog.yaml:7: Something changed\n  asks for nothing that an earlier entry does not ask for\n`,
    );
  });

  test('changelog add appends an entry that changelog finds', async () => {
    const add = [
      'add',
      '--config-keys',
      key,
      '--description',
      'A newer engine: twice as fast',
      '--pr-link',
      'https://example.org/1',
    ];
    expect(await changelog(...add)).toMatchObject({ code: 0 });
    git('commit', '--quiet', '--all', '--message', 'add');
    const { stdout } = await changelog('--base-ref', 'HEAD^');
    expect(output.parse(JSON.parse(stdout)).changelog_metadata.entries).toEqual([
      {
        'config-keys': [key],
        description: ['A newer engine: twice as fast'],
        'pr-link': 'https://example.org/1',
      },
    ]);
    const unknown = await changelog(
      'add',
      '--config-keys',
      'smollm2-q4-cpu-lamacpp',
      '--description',
      'x',
      '--pr-link',
      'https://example.org/1',
    );
    expect(unknown).toMatchObject({
      code: 2,
      stderr: `error: no config key 'smollm2-q4-cpu-lamacpp' (did you mean '${key}'?)\n`,
    });
  });

  test.each([
    [
      'an unknown key',
      entry('smollm2-q4-cpu-lamacpp', 1),
      [],
      `error: perf-changelog.yaml:1: no config key 'smollm2-q4-cpu-lamacpp' (did you mean '${key}'?)`,
    ],
    ['malformed YAML', '- config-keys: [a\n', [], 'error: perf-changelog.yaml:2:1: not valid YAML'],
    ['nothing added', '# still nothing\n', [], 'error: perf-changelog.yaml: nothing was added'],
    ['an unknown ref', entry(key, 1), ['--head-ref', 'nowhere'], "error: unknown git ref 'nowhere'"],
  ])('%s is one clear error', async (_, content, args, expected) => {
    await commit(content);
    const { code, stdout, stderr } = await changelog('--base-ref', 'HEAD^', ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(expected);
  });

  test('a shallow clone without the ref is an error with the command that fetches it', async () => {
    await commit(entry(key, 1));
    const shallow = join(repository, 'shallow');
    git('clone', '--quiet', '--depth', '1', `file://${repository}`, shallow);
    const { code, stderr } = await runProduct(['changelog', '--base-ref', 'HEAD^'], { cwd: shallow });
    expect(code).toBe(1);
    expect(stderr).toContain(
      "error: git ref 'HEAD^' is not in this shallow clone (fetch the history: git fetch --unshallow",
    );
  });
});
