import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canMount } from '../../test/support/can-mount.ts';
import { someSweep, writeSweepFiles } from '../../test/support/synthetic-sweep.ts';
import { WorkError } from '../errors.ts';
import { backUp, openStore, restore } from './index.ts';
import { checkSqlite, sqliteDialect } from './sqlite.ts';

/** Unit of free space; the size of SQLite's pages and of the disk's blocks. */
const pageBytes = 4096;
const diskPages = 1024;
/** With a store that contains the sweep: enough space for every operation. */
const mostPages = 900;

let folder: string;
let disk: string;
/** A store of an older version, a store with a sweep, backups of both, and the sweep's files. */
let made: { readonly older: string; readonly full: string; readonly run: string };

const mayMount = process.getuid?.() === 0 && canMount();
const why = mayMount ? '' : ' (skipped: mounting a small disk needs root)';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'full-disk-'));
  disk = join(folder, 'disk');
  await mkdir(disk);
  made = { older: join(folder, 'older.sqlite'), full: join(folder, 'full.sqlite'), run: join(folder, 'run') };
  await writeSweepFiles(made.run, someSweep);
  const db = new Kysely<object>({ dialect: await sqliteDialect(made.older, 'make') });
  const dump = await readFile(new URL('testdata/store-0006.sql', import.meta.url), 'utf8');
  for (const statement of dump.split(';\n')) {
    if (statement.trim() !== '') await sql.raw(statement).execute(db);
  }
  await db.destroy();
  const store = await openStore(join(folder, 'store.sqlite'));
  await store.ingestRun(made.run);
  await store.close();
  await backUp(join(folder, 'store.sqlite'), made.full);
  if (mayMount) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskPages * pageBytes}`, 'tmpfs', disk]);
});
afterAll(async () => {
  if (mayMount) execFileSync('umount', [disk]);
  await rm(folder, { recursive: true, force: true });
});

interface Operation {
  readonly name: string;
  /** Prepares the disk. */
  readonly before?: (place: string) => Promise<void>;
  readonly work: (place: string) => Promise<unknown>;
  /** Points in the store before and after; undefined if there is no file. */
  readonly points: readonly [before: number | undefined, after: number];
}

const opened = async (place: string) => await (await openStore(place)).close();
const ingested = async (place: string) => {
  const store = await openStore(place);
  try {
    await store.ingestRun(made.run);
  } finally {
    await store.close();
  }
};

const operations: readonly Operation[] = [
  { name: 'made', work: opened, points: [undefined, 0] },
  {
    name: 'migrated',
    before: async (place) => await copyFile(made.older, place),
    work: opened,
    points: [4, 4],
  },
  { name: 'made and ingested into', work: ingested, points: [undefined, 3] },
  {
    name: 'ingested into',
    before: async (place) => await opened(place),
    work: ingested,
    points: [0, 3],
  },
  {
    name: 'made by a backup',
    work: async (place) => await backUp(made.full, place),
    points: [undefined, 3],
  },
  {
    name: 'restored',
    work: async (place) => await restore(made.full, place),
    points: [undefined, 3],
  },
  {
    name: 'restored from a backup of an older version',
    work: async (place) => await restore(made.older, place),
    points: [undefined, 4],
  },
];

test.skipIf(!mayMount).each(operations)(
  `a store that is $name on a disk with any amount of free space is complete or unchanged${why}`,
  async ({ before, work, points: [was, becomes] }) => {
    const place = join(disk, 'store.sqlite');
    let refused = 0;
    for (let freePages = 0; ; freePages++) {
      expect(freePages).toBeLessThan(mostPages);
      for (const name of await readdir(disk)) await rm(join(disk, name), { recursive: true });
      await before?.(place);
      await leaveFree(freePages);
      const error = await work(place).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      await rm(join(disk, 'filling'));
      if (error === undefined) {
        expect(await pointsIn(place)).toBe(becomes);
        break;
      }
      refused += 1;
      expect(wordsOf(error)).toMatch(/full|free some space|disk I\/O error/);
      expect(await filesOpenOn(disk)).toEqual([]);
      const names = await readdir(disk);
      expect(names.filter((name) => !/^store\.sqlite(-wal|-shm)?$/.test(name))).toEqual([]);
      const found = await pointsIn(place);
      // The second of two parts of an ingest may have failed; the first is kept.
      expect([was, becomes, ...(was === undefined ? [0] : [])]).toContain(found);
      await work(place).catch((thrown: unknown) => {
        if (!wordsOf(thrown).includes('already exists')) throw thrown;
      });
      expect(await pointsIn(place)).toBe(becomes);
    }
    console.log(`${refused} amounts of room were too little`);
    expect(refused).toBeGreaterThan(10);
  },
);

async function pointsIn(place: string): Promise<number | undefined> {
  if (!(await readdir(disk)).includes('store.sqlite')) return undefined;
  const store = await openStore(place);
  try {
    return Object.values((await store.stats()).measurements).reduce((sum, count) => sum + (count ?? 0), 0);
  } finally {
    await store.close();
    await checkSqlite(place);
  }
}

/** The files in a folder that this process has open. */
async function filesOpenOn(folder: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const files = await Promise.all(
    descriptors.map(async (one) => await readlink(join('/proc/self/fd', one)).catch(() => '')),
  );
  return files.filter((file) => file.startsWith(folder));
}

/** Fills the disk except for a number of pages. */
async function leaveFree(pages: number): Promise<void> {
  const filling = await open(join(disk, 'filling'), 'w');
  try {
    for (let written = 0; ; written++) {
      try {
        await filling.writeFile(Buffer.alloc(pageBytes));
      } catch {
        await filling.truncate(Math.max(0, written - pages) * pageBytes);
        return;
      }
    }
  } finally {
    await filling.close();
  }
}

function wordsOf(error: unknown): string {
  return error instanceof WorkError ? `${error.message} ${error.hint ?? ''}` : String(error);
}
