import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { configKey, Scene } from './stand-in/scene.ts';
import { type PrintedEvent, runProduct, TestProduct } from './support/product.ts';

const isType = (type: string) => (event: PrintedEvent) => event.type === type;

/** Two servers, because concurrencies above 8 do not share a start: two sessions with one point each. */
const twoSessions = {
  'seq-len-configs': [{ isl: 16, osl: 4, 'search-space': [{ tp: 1, 'conc-list': [2, 9] }] }],
};

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.open({}, { changes: twoSessions });
});
afterEach(async () => await scene[Symbol.asyncDispose]());

async function run(...args: string[]): Promise<TestProduct> {
  const product = scene.start([...scene.runArgs, ...args]);
  expect(await product.exited, product.stderr).toBe(0);
  return product;
}

const planSchema = z.object({ sessions: z.array(z.object({ id: z.string() })) });

async function plan() {
  const { stdout, stderr } = await runProduct(
    [
      'plan',
      '--json',
      '--config-files',
      'master.yaml',
      '--runner-config',
      'runners.yaml',
      '--config-keys',
      configKey,
    ],
    { cwd: scene.folder },
  );
  expect(stderr).toBe('');
  return { text: stdout, sessions: planSchema.parse(JSON.parse(stdout)).sessions.map(({ id }) => id) };
}

describe('a part of a plan', () => {
  test('is a session of an earlier plan, selected on the command line', async () => {
    const { text, sessions } = await plan();
    expect(sessions).toHaveLength(2);
    const [, second = ''] = sessions;
    await writeFile(join(scene.folder, 'plan.json'), text);
    const product = scene.start(['run', '--plan', 'plan.json', '--session', second, ...scene.ownArgs]);
    expect(await product.exited, product.stderr).toBe(0);
    expect(product.events.filter(isType('session-assigned'))).toMatchObject([{ sessionId: second }]);
    await scene.expectNothingLostOrDoubled(1);
  });

  test('with an unknown session is one clear error', async () => {
    const product = scene.start([...scene.runArgs, '--session', 'no-such-session']);
    expect(await product.exited).toBe(2);
    expect(product.stderr).toContain('error: the plan has no session no-such-session (`inferencemax plan`');
  });
});

test('repeats are measured in rounds, with different prompts, and stored separately', async () => {
  await run('--repeat', '2');
  await scene.expectNothingLostOrDoubled(4);
  const [sweep = ''] = await scene.sweeps();
  const raw = z.object({ seed: z.int(), provenance: z.object({ repeat: z.int() }) });
  const names = (await readdir(join(sweep, 'raw'))).filter((name) => name.includes('conc2_'));
  const results = await Promise.all(
    names.map(async (name) => raw.parse(JSON.parse(await readFile(join(sweep, 'raw', name), 'utf8')))),
  );
  expect(results.map(({ provenance }) => provenance.repeat).toSorted()).toEqual([1, 2]);
  expect(new Set(results.map(({ seed }) => seed)).size).toBe(2);
  expect((await scene.story()).sessions.map(({ points }) => points.map(({ repeat }) => repeat))).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test('sessions that do not fit the time budget are not started, but listed', async () => {
  const product = scene.start([...scene.runArgs, '--time-budget', '0.001s']);
  expect(await product.exited, product.stderr).toBe(0);
  expect(product.events.filter(isType('session-left-out'))).toMatchObject([
    { why: 'no-time', points: 1 },
    { why: 'no-time', points: 1 },
  ]);
  const story = await scene.story();
  expect(story).toMatchObject({ engineStarts: 0, points: { 'left-out': 2 } });
  const resumed = scene.start(scene.resumeArgs);
  expect(await resumed.exited, resumed.stderr).toBe(0);
  expect((await scene.story()).points).toMatchObject({ finished: 2, 'left-out': 0 });
});

describe('measurement order', () => {
  test('with --priority stale, points that were never measured come first; both sweeps are listed, newest first', async () => {
    const { sessions } = await plan();
    const [first = '', second = ''] = sessions;
    await run('--session', first);
    const product = await run('--priority', 'stale');
    expect(product.events.filter(isType('session-assigned'))).toMatchObject([
      { sessionId: second },
      { sessionId: first },
    ]);
    const { stdout } = await runProduct(['sweep', 'list', '--json'], { cwd: scene.folder });
    const listed = z
      .array(z.object({ sweepId: z.string(), state: z.string(), createdAt: z.string() }))
      .parse(JSON.parse(stdout));
    expect(listed.map(({ state }) => state)).toEqual(['finished', 'finished']);
    expect(listed[0]?.createdAt.localeCompare(listed[1]?.createdAt ?? '')).toBe(1);
  });

  test('with --changelog, the added entries come first', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
        cwd: scene.folder,
      });
    const [, config] =
      Object.entries(JSON.parse(await readFile(join(scene.folder, 'master.yaml'), 'utf8')))[0] ?? [];
    await writeFile(
      join(scene.folder, 'master.yaml'),
      JSON.stringify({ [configKey]: config, 'other-key': { ...Object(config), ...onePointElsewhere } }),
    );
    const changelog = join(scene.folder, 'perf-changelog.yaml');
    git('init', '--quiet');
    await writeFile(changelog, '');
    git('add', 'perf-changelog.yaml');
    git('commit', '--quiet', '--message', 'before');
    await writeFile(
      changelog,
      '- config-keys: [other-key]\n  description: [Newer engine]\n  pr-link: https://example.org/1\n',
    );
    git('commit', '--quiet', '--all', '--message', 'after');

    const product = await run('--changelog', 'HEAD~1..HEAD');
    const assigned = product.events.filter(isType('session-assigned'));
    expect(assigned).toHaveLength(3);
    const points = product.events.filter(isType('point-finished')).map(({ pointId }) => String(pointId));
    expect(points[0]).toContain('_conc10_');
    expect(points).toHaveLength(3);
  });
});

const onePointElsewhere = {
  'seq-len-configs': [{ isl: 16, osl: 4, 'search-space': [{ tp: 1, 'conc-list': [10] }] }],
};

test('in a GitHub job, a session is a group and a failure is an annotation', async () => {
  const product = new TestProduct(
    [...scene.runArgs, '--deadline', 'load-test=0.001', '--retries', 'load-test=0'],
    {
      cwd: scene.folder,
      env: { GITHUB_ACTIONS: 'true' },
    },
  );
  expect(await product.exited).toBe(1);
  const lines = product.stderr.split('\n');
  expect(lines.filter((line) => line.startsWith('::group::session '))).toHaveLength(2);
  expect(lines.filter((line) => line === '::endgroup::')).toHaveLength(2);
  expect(lines.filter((line) => /^::error title=load-test%3A .*::.*longer than/.test(line))).toHaveLength(2);
});
