import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFileAtomically } from '../src/atomic-file.ts';
import { InputError, WorkError } from '../src/errors.ts';
import { kindOf } from '../src/server/documents/index.ts';
import { loadKnowledge, publish } from '../src/server/index.ts';
import { backUp, openStore, restore } from '../src/store/index.ts';
import { Journal, readJournal } from '../src/sweep/journal.ts';
import { type FileFault, installFaults } from './support/faulty-files.ts';
import { checkedInConfigs, ServedStore } from './support/served-store.ts';
import { someSweep, writeSweepFiles } from './support/synthetic-sweep.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faulty-disks-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const faults: readonly FileFault[] = ['ENOSPC', 'EIO', 'EROFS'];

interface Operation {
  /** Prepares the files that exist before. */
  readonly before?: () => Promise<void>;
  readonly work: () => Promise<unknown>;
  /** Checks the files. Throws if old ones are damaged, or if new ones are neither complete nor absent. */
  readonly look: () => Promise<void>;
  /** If many files are written in the same way, only every nth change fails (default 1: every change). */
  readonly step?: number;
}

/** Repeats the work, failing one file change each time; returns the number of changes. */
async function walk({ before, work, look, step = 1 }: Operation): Promise<number> {
  let failed = 0;
  for (const fault of faults) {
    for (let at = 1; ; at += step) {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      await before?.();
      let reached = false;
      let count = 0;
      const remove = await installFaults({
        at,
        fault,
        onChange: () => {
          count += 1;
          reached ||= count === at;
        },
      });
      const error = await work().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      remove();
      if (!reached) {
        expect(error).toBeUndefined();
        break;
      }
      failed += 1;
      // Errors in clean-up code may be ignored; all others must be reported in a sentence.
      if (error !== undefined)
        expect(error instanceof WorkError || error instanceof InputError, String(error)).toBe(true);
      await look();
      await work();
      await look();
    }
  }
  return failed;
}

test('a replaced file has either the old or the new content', async () => {
  const path = join(folder, 'file');
  const failed = await walk({
    before: async () => await writeFileAtomically(path, 'old'),
    work: async () => await writeFileAtomically(path, 'new content'),
    look: async () => expect(['old', 'new content']).toContain(await readFile(path, 'utf8')),
  });
  expect(failed).toBeGreaterThan(9);
});

test('a journal stays readable and can be continued after any failure', async () => {
  const path = join(folder, 'journal.jsonl');
  const clock = { now: () => new Date(0), monotonicMs: () => 0 };
  const failed = await walk({
    work: async () => {
      try {
        const journal = await Journal.open(path, clock);
        try {
          for (let n = 0; n < 3; n++)
            await journal.append({ type: 'orphan-ended', sessionId: `s${n}`, port: n });
        } finally {
          await journal.close();
        }
      } catch (error) {
        // The sweep reports this as a sentence (src/sweep/sweep.ts).
        throw new WorkError(String(error));
      }
    },
    look: async () => {
      const ports = (await readJournal(path)).flatMap((line) =>
        line.type === 'orphan-ended' ? [line.port] : [],
      );
      // An attempt that failed somewhere, and one that did not.
      expect(ports.join('')).toMatch(/^(0|01|012)?(012)?$/);
    },
  });
  expect(failed).toBeGreaterThan(9);
});

test('a backup is either absent or complete, and so is a restored store', async () => {
  const kept = await mkdtemp(join(tmpdir(), 'kept-store-'));
  const source = join(kept, 'store.sqlite');
  const backup = join(kept, 'backup.sqlite');
  await writeSweepFiles(join(kept, 'run'), someSweep);
  const store = await openStore(source);
  await store.ingestRun(join(kept, 'run'));
  await store.close();
  await backUp(source, backup);
  const place = join(folder, 'new.sqlite');
  const look = async () => {
    expect(
      (await readdir(folder)).filter(
        (name) => !/^new\.sqlite(-wal|-shm)?$/.test(name) && !name.startsWith('.'),
      ),
    ).toEqual([]);
    if (!(await readdir(folder)).includes('new.sqlite')) return;
    const found = await openStore(place);
    expect(await found.latestPoints()).toHaveLength(3);
    await found.close();
  };
  const unlessThere = async (error: unknown) => {
    if (!/already exists|is not empty/.test(String(error))) throw error;
  };
  const ofBackup = await walk({ work: async () => await backUp(source, place).catch(unlessThere), look });
  const ofRestore = await walk({ work: async () => await restore(backup, place).catch(unlessThere), look });
  console.log(`backup: ${ofBackup} faults, restore: ${ofRestore} faults`);
  await rm(kept, { recursive: true });
});

test('a published site has no broken references', async () => {
  const kept = await mkdtemp(join(tmpdir(), 'kept-web-'));
  await writeFileAtomically(
    join(kept, 'index.html'),
    '<!doctype html><script type="module" src="./assets/a.js"></script>',
  );
  await writeFileAtomically(join(kept, 'assets', 'a.js'), 'export {};');
  const site = join(folder, 'site');
  let named = 0;
  const served = await ServedStore.create();
  const knowledge = await loadKnowledge(
    served.store,
    await checkedInConfigs(),
    new Date('2026-02-01T00:00:00.000Z'),
  );
  const failed = await walk({
    work: async () => await publish(knowledge, { webFolder: kept, folder: site }),
    look: async () => {
      named += await expectWholeSite(site);
    },
    step: 17,
  });
  console.log(`publish: ${failed} faults, ${named} points named and there`);
  expect(named).toBeGreaterThan(0);
  await served.remove();
  await rm(kept, { recursive: true });
});

/** Checks that every document is complete and that every referenced point exists; returns the number of references. */
async function expectWholeSite(site: string): Promise<number> {
  let named = 0;
  const entries = await readdir(site, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(site, join(entry.parentPath, entry.name)));
  const there = new Set(files);
  for (const path of files) {
    const name = /^data\/([^.].*)\.json$/.exec(path)?.[1];
    if (name === undefined || basenameIsHidden(path)) continue;
    const content: unknown = JSON.parse(await readFile(join(site, path), 'utf8'));
    if (name === 'manifest' || kindOf(name)?.kind.path === 'points/{id}') continue;
    const ids = idsIn(content);
    named += ids.length;
    for (const id of ids) expect(there.has(`data/points/${id}.json`), `${path} names ${id}`).toBe(true);
  }
  if (there.has('index.html'))
    for (const path of ['assets/a.js', 'data/index.json']) expect(there.has(path)).toBe(true);
  return named;
}

function basenameIsHidden(path: string): boolean {
  return /(^|\/)\.[^/]*$/.test(path);
}

/** The points that a chart document refers to. */
function idsIn(content: unknown): string[] {
  const lists = [...JSON.stringify(content).matchAll(/"ids":\[([^\]]*)\]/g)];
  return lists.flatMap(([, list = '']) => list.match(/[\da-f]{64}/g) ?? []);
}
