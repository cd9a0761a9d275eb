import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeUnfinished } from '../src/atomic-file.ts';
import { backUp, openStore } from '../src/store/index.ts';
import { checkSqlite, sqliteDialect } from '../src/store/sqlite.ts';
import { configKey, onePoint, Scene } from './stand-in/scene.ts';
import { faultVariables } from './support/faulty-files.ts';
import { runProduct } from './support/product.ts';
import { git } from './support/project-copy.ts';
import { randomNumbers } from './support/synthetic-results.ts';
import { someSweep, writeSweepFiles } from './support/synthetic-sweep.ts';

/**
 * Kills in the random suite, and the moments of a sweep to try; KILLED_MOMENTS=1000 tries all of them, which takes
 * hours.
 */
const kills = Number(process.env.KILLS ?? 100);
const mostMoments = Number(process.env.KILLED_MOMENTS ?? 5);
const seed = Number(process.env.KILLS_SEED ?? 1);

/** The file changes of a command, from a run that is not killed. */
async function momentsOf(list: string): Promise<string[]> {
  return (await readFile(list, 'utf8')).trimEnd().split('\n');
}

/** At most `most` numbers from 1 to `count`, chosen by the seed, in order. */
function chosen(count: number, most: number): number[] {
  const random = randomNumbers(seed);
  const all = Array.from({ length: count }, (_, index) => ({ number: index + 1, rank: random() }));
  const some = most < count ? all.toSorted((a, b) => a.rank - b.rank).slice(0, most) : all;
  return some.map(({ number }) => number).toSorted((a, b) => a - b);
}

/** Starts a command that dies at one file change, or at none. */
async function killedAt(
  at: number | undefined,
  args: readonly string[],
  folder: string,
  { list, env = {} }: { readonly list: string; readonly env?: Record<string, string> },
) {
  return await runProduct(args, { cwd: folder, env: { ...env, ...faultVariables(at, list) } });
}

describe('a sweep that is killed between two file changes', () => {
  interface Command {
    readonly name: string;
    /** Prepares what the command needs; returns its environment. */
    readonly prepare: (scene: Scene) => Promise<Record<string, string>>;
    readonly args: (scene: Scene) => string[];
    /** The command that continues it, if it is a different one. */
    readonly again: (scene: Scene) => Promise<string[]>;
  }

  const commands: readonly Command[] = [
    {
      name: 'run',
      prepare: async () => ({}),
      args: (scene) => scene.runArgs,
      again: async (scene) => ((await isBegun(scene)) ? scene.resumeArgs : scene.runArgs),
    },
    {
      name: 'ci run',
      prepare: async (scene) => {
        const { stdout } = await runProduct(
          [
            'plan',
            '--json',
            '--config-files',
            'master.yaml',
            '--config-keys',
            configKey,
            '--runner-config',
            'runners.yaml',
          ],
          { cwd: scene.folder },
        );
        const session = /"id":\s*"([^"]+)"/.exec(stdout)?.[1] ?? '';
        return { JOB: JSON.stringify({ id: 'a', sessions: [session] }), GITHUB_RUN_ID: '7' };
      },
      args: (scene) => [
        'ci',
        'run',
        '--config-files',
        'master.yaml',
        '--config-keys',
        configKey,
        '--state-dir',
        '.inferencemax',
        ...scene.ownArgs,
      ],
      again: async (scene) => commands[1]?.args(scene) ?? [],
    },
    {
      name: 'watch',
      prepare: async (scene) => {
        const configs = join(scene.folder, '.github', 'configs');
        await mkdir(configs, { recursive: true });
        await copyFile(join(scene.folder, 'master.yaml'), join(configs, 'cpu-master.yaml'));
        await writeFile(join(configs, 'runners.yaml'), 'cpu:\n  - cpu-local_0\n');
        await writeFile(join(scene.folder, '.gitignore'), '.inferencemax/\ncache/\nsite/\n*.list\n');
        await writeFile(join(scene.folder, 'perf-changelog.yaml'), '# nothing yet\n');
        await git(scene.folder, 'init', '--quiet', '--initial-branch=main');
        await git(scene.folder, 'add', '--all');
        await git(scene.folder, 'commit', '--quiet', '--message', 'Nothing yet');
        await writeFile(
          join(scene.folder, 'perf-changelog.yaml'),
          `# nothing yet\n- config-keys:\n    - ${configKey}\n  description:\n    - A reason\n  pr-link: https://example.org/1\n`,
        );
        await git(scene.folder, 'commit', '--quiet', '--all', '--message', 'Measure');
        const state = {
          seen: await git(scene.folder, 'rev-parse', 'HEAD~1'),
          scheduledUpTo: new Date().toISOString(),
          publishDue: false,
        };
        await mkdir(join(scene.folder, '.inferencemax', 'watch'), { recursive: true });
        await writeFile(join(scene.folder, '.inferencemax', 'watch', 'state.json'), JSON.stringify(state));
        return {};
      },
      args: (scene) => [
        'watch',
        '--ref',
        'main',
        '--once',
        '--publish',
        'site',
        '--cache-dir',
        'cache',
        '--port',
        String(scene.port),
      ],
      again: async (scene) => commands[2]?.args(scene) ?? [],
    },
  ];

  async function isBegun(scene: Scene): Promise<boolean> {
    const { stdout } = await runProduct(['sweep', 'show', '--json'], { cwd: scene.folder });
    return stdout.includes('sweepId');
  }

  test.each(commands)('$name', async ({ prepare, args, again }) => {
    const count = await withScene(prepare, async (scene, env) => {
      const list = join(scene.folder, 'changes.list');
      const whole = await killedAt(undefined, args(scene), scene.folder, { list, env });
      expect(whole.code, whole.stderr).toBe(0);
      await expectWhole(scene);
      return (await momentsOf(list)).length;
    });
    const tried = chosen(count, mostMoments);
    for (const at of tried) {
      await withScene(prepare, async (scene, env) => {
        const list = join(scene.folder, 'changes.list');
        await killedAt(at, args(scene), scene.folder, { list, env });
        const name = `killed before ${at}: ${(await momentsOf(list))[at - 1]}`;
        const rest = await runProduct(await again(scene), { cwd: scene.folder, env });
        expect(rest.code, `${name}\n${rest.stderr}`).toBe(0);
        await expectWhole(scene).catch((error: unknown) => {
          throw new Error(`${name}: ${String(error)}`, { cause: error });
        });
      });
    }
    console.log(`${tried.length} of ${count} moments`);
  });

  async function withScene<T>(
    prepare: Command['prepare'],
    use: (scene: Scene, env: Record<string, string>) => Promise<T>,
  ): Promise<T> {
    const scene = await Scene.open({}, { changes: onePoint });
    try {
      return await use(scene, await prepare(scene));
    } finally {
      await scene[Symbol.asyncDispose]();
    }
  }

  /**
   * Checks that the only point was measured and is in the store once, that its engine was checked, and that nothing is
   * left.
   */
  async function expectWhole(scene: Scene): Promise<void> {
    await removeWhatNothingReads(scene);
    await scene.expectNothingLostOrDoubled(1);
    await scene.expectNoOrphan({ killed: true });
    const checks = (await scene.journal()).filter(({ type }) => type === 'check-finished');
    expect(checks.length).toBeGreaterThanOrEqual(2);
    expect(await pointsIn(join(scene.folder, '.inferencemax', 'store.sqlite'))).toBe(1);
    const index = await readFile(join(scene.folder, 'site', 'data', 'index.json'), 'utf8').catch(
      () => undefined,
    );
    if (index !== undefined) expect(JSON.parse(index)).toMatchObject({ counts: { points: 1 } });
  }
});

/** Removes what a kill may leave: hidden temporary files, and the folder of a sweep that had not started. */
async function removeWhatNothingReads(scene: Scene): Promise<void> {
  const state = join(scene.folder, '.inferencemax');
  await removeUnfinished(join(state, 'engines')).catch(() => undefined);
  for (const run of await scene.sweeps()) {
    await removeUnfinished(run);
    if (!existsSync(join(run, 'sweep.json'))) await rmdir(run);
  }
}

async function pointsIn(path: string): Promise<number> {
  await checkSqlite(path);
  const store = await openStore(path, 'read');
  try {
    return (await store.latestPoints()).length;
  } finally {
    await store.close();
  }
}

describe(`${kills} kills at random file changes`, () => {
  let kept: string;
  let files: { readonly run: string; readonly full: string; readonly older: string };
  beforeAll(async () => {
    kept = await mkdtemp(join(tmpdir(), 'to-be-killed-'));
    files = { run: join(kept, 'run'), full: join(kept, 'full.sqlite'), older: join(kept, 'older.sqlite') };
    await writeSweepFiles(files.run, someSweep);
    const store = await openStore(join(kept, 'store.sqlite'));
    await store.ingestRun(files.run);
    await store.close();
    await backUp(join(kept, 'store.sqlite'), files.full);
    const db = new Kysely<object>({ dialect: await sqliteDialect(files.older, 'make') });
    const dump = await readFile(new URL('../src/store/testdata/store-0006.sql', import.meta.url), 'utf8');
    for (const statement of dump.split(';\n'))
      if (statement.trim() !== '') await sql.raw(statement).execute(db);
    await db.destroy();
  });
  afterAll(() => rm(kept, { recursive: true, force: true }));

  interface Command {
    readonly name: string;
    readonly before?: (store: string) => Promise<void>;
    readonly args: (folder: string) => string[];
    /** The store to check, and its points: unchanged or, after the end, as expected. */
    readonly store: string;
    readonly points: readonly [before: number | undefined, after: number];
  }
  const location = ['--store', 'store.sqlite'];
  const commands: readonly Command[] = [
    {
      name: 'ingest',
      args: () => ['store', 'ingest', files.run, ...location],
      store: 'store.sqlite',
      points: [undefined, 3],
    },
    {
      name: 'migrate',
      before: async (store) => await copyFile(files.older, store),
      args: () => ['store', 'migrate', ...location],
      store: 'store.sqlite',
      points: [3, 3],
    },
    {
      name: 'backup',
      before: async (store) => await copyFile(files.full, store),
      args: () => ['store', 'backup', 'backup.sqlite', ...location],
      store: 'backup.sqlite',
      points: [undefined, 3],
    },
    {
      name: 'restore',
      args: () => ['store', 'restore', files.older, ...location],
      store: 'store.sqlite',
      points: [undefined, 3],
    },
    {
      name: 'publish',
      before: async (store) => await copyFile(files.full, store),
      args: () => ['publish', 'site', ...location],
      store: 'store.sqlite',
      points: [3, 3],
    },
  ];

  test.each(commands)('$name', async ({ before, args, store, points: [was, becomes] }) => {
    const once = async (use: (folder: string) => Promise<void>) => {
      const folder = await mkdtemp(join(tmpdir(), 'killed-'));
      await before?.(join(folder, 'store.sqlite'));
      await use(folder);
      await rm(folder, { recursive: true, force: true });
    };
    let count = 0;
    await once(async (folder) => {
      const list = join(kept, 'changes.list');
      await rm(list, { force: true });
      expect(await killedAt(undefined, args(folder), folder, { list })).toMatchObject({ code: 0 });
      count = (await momentsOf(list)).length;
    });
    const share = Math.ceil(kills / commands.length);
    const random = randomNumbers(seed);
    const moments = Array.from({ length: share }, () => 1 + Math.floor(random() * count));
    for (const at of moments) {
      await once(async (folder) => {
        const list = join(kept, 'changes.list');
        await rm(list, { force: true });
        const killed = await killedAt(at, args(folder), folder, { list });
        const name = `killed before ${at}: ${(await momentsOf(list))[at - 1]}`;
        expect(killed.code, name).toBe(null);
        const there = (await readdir(folder)).includes(store);
        const found = there ? await pointsIn(join(folder, store)).catch(String) : undefined;
        expect([was, becomes, was === undefined ? 0 : was, 'older'], name).toContain(
          String(found).includes('older version') ? 'older' : found,
        );
        const again = await runProduct(args(folder), { cwd: folder });
        if (!again.stderr.includes('already exists') && !again.stderr.includes('is not empty'))
          expect(again.code, `${name}\n${again.stderr}`).toBe(0);
        expect(await pointsIn(join(folder, store)), name).toBe(becomes);
        const left = (await readdir(folder, { recursive: true })).filter((path) =>
          /\.(tmp|taking|lock)\b/.test(path),
        );
        expect(left, name).toEqual([]);
      });
    }
    console.log(`${moments.length} kills over ${count} moments`);
  });
});
