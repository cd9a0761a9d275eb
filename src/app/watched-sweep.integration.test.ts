import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tinyConfig } from '../../test/support/product.ts';
import { git } from '../../test/support/project-copy.ts';
import { InputError, WorkError } from '../errors.ts';
import { NothingMeasured } from './perform-sweep.ts';
import { StateFolder } from './state-folder.ts';
import { WatchedRepository } from './watched-repository.ts';
import { type WatchedSweepOptions, watchedSweep } from './watched-sweep.ts';

let folder: string;
let base: string;
let head: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watched-sweep-'));
  const configs = join(folder, '.github', 'configs');
  await mkdir(configs, { recursive: true });
  await writeFile(join(configs, 'cpu-master.yaml'), tinyConfig());
  await writeFile(join(configs, 'runners.yaml'), 'cpu:\n  - cpu_0\n');
  await writeFile(join(folder, 'perf-changelog.yaml'), '# nothing yet\n');
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  base = await commit('Nothing yet');
  await writeFile(
    join(folder, 'perf-changelog.yaml'),
    '# nothing yet\n- config-keys:\n    - smollm2-*\n  description:\n    - A reason\n  pr-link: https://example.org/1\n',
  );
  head = await commit('Measure');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function commit(message: string): Promise<string> {
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message', message);
  return await git(folder, 'rev-parse', 'HEAD');
}

const sweepId = 'watch-of-a-commit';

async function sweep(options: Partial<WatchedSweepOptions> = {}, at = head) {
  return await watchedSweep(
    sweepId,
    { kind: 'change', base, head: at },
    {
      repository: new WatchedRepository(folder, 'main', undefined),
      changelogFile: 'perf-changelog.yaml',
      olderThanS: 3600,
      state: new StateFolder(join(folder, 'state')),
      store: join(folder, 'state', 'store.sqlite'),
      perform: async () => ({ failed: 0 }),
      head: () => at,
      ...options,
    },
  );
}

test('an empty folder is not a sweep: the requested entries are measured', async () => {
  await mkdir(join(folder, 'state', 'runs', sweepId), { recursive: true });
  const performed: number[] = [];
  const end = await sweep({
    perform: async ({ sweep: { plan } }) => {
      performed.push(plan.sessions.length);
      return { failed: 0 };
    },
  });
  expect(end).toEqual({ state: 'measured', failed: 0 });
  expect(performed).toHaveLength(1);
  expect(performed[0]).toBeGreaterThan(0);
});

test.each([
  ['a database that is away', new WorkError('cannot open the store: connect ECONNREFUSED')],
  ['a disk that is full', Object.assign(new Error('ENOSPC: no space left'), { syscall: 'mkdir' })],
  ['a process that has the sweep', new InputError('sweep x is already run by process 1')],
])('%s postpones the sweep, which is later measured as planned', async (_, error) => {
  const perform = async () => {
    throw error;
  };
  expect(await sweep({ perform })).toEqual({
    state: 'postponed',
    reason: expect.stringContaining(error.message),
  });
  expect(await readdir(join(folder, 'state', 'runs'))).toEqual([sweepId]);
  expect(await sweep()).toEqual({ state: 'measured', failed: 0 });
});

test('an unreachable store postpones a sweep of stale entries', async () => {
  const options = {
    repository: new WatchedRepository(folder, 'main', undefined),
    changelogFile: 'perf-changelog.yaml',
    olderThanS: 3600,
    state: new StateFolder(join(folder, 'state')),
    store: 'postgres://x@127.0.0.1:1/none',
    perform: async () => ({ failed: 0 }),
    head: () => head,
  };
  const end = await watchedSweep(sweepId, { kind: 'schedule', dueAt: '2026-01-14T00:00:00.000Z' }, options);
  expect(end).toEqual({ state: 'postponed', reason: expect.stringContaining('ECONNREFUSED') });
});

test('a sweep ends if every point failed or its configs are invalid', async () => {
  const perform = async () => {
    throw new NothingMeasured(3, 'see the lines above for the reason');
  };
  expect(await sweep({ perform })).toEqual({ state: 'measured', failed: 3 });
  await rm(join(folder, 'state'), { recursive: true });
  await writeFile(join(folder, '.github', 'configs', 'cpu-master.yaml'), 'a: 1\n');
  expect(await sweep({}, await commit('Break'))).toMatchObject({ state: 'impossible' });
});

test('configs are read where run reads them: in configs, or from named files of the commit', async () => {
  const repository = (named = {}) => new WatchedRepository(folder, 'main', undefined, named);
  const keysAt = async (commitId: string, named = {}) => [
    ...(await repository(named).configsAt(commitId, join(folder, 'state', 'read'))).configs.keys(),
  ];
  const own = join(folder, '.github', 'configs');
  await mkdir(join(folder, 'own', 'deprecated'), { recursive: true });
  await rename(own, join(folder, 'configs'));
  const moved = await commit('Move');
  expect(await keysAt(moved)).toEqual(['smollm2-q4-cpu-llamacpp']);
  await rename(join(folder, 'configs', 'cpu-master.yaml'), join(folder, 'own', 'deprecated', 'mine.yaml'));
  await rename(join(folder, 'configs', 'runners.yaml'), join(folder, 'own', 'runners.yaml'));
  const named = await commit('Name');
  await expect(keysAt(named)).rejects.toThrow(/has no master config: none of \.github\/configs, configs/);
  expect(await keysAt(named, { configFiles: ['own/deprecated/mine.yaml'] })).toEqual([
    'smollm2-q4-cpu-llamacpp',
  ]);
  await expect(keysAt(named, { configFiles: ['own/other.yaml'] })).rejects.toThrow(
    /has no file own\/other\.yaml/,
  );
});
