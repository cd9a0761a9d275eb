import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { checkedInConfigs, ServedStore } from '../../test/support/served-store.ts';
import { someSweep, writeSweepFiles } from '../../test/support/synthetic-sweep.ts';
import { packageRoot } from '../package-root.ts';
import { openStore } from '../store/index.ts';
import { documentKinds, kindOf } from './documents/index.ts';
import { type Knowledge, loadKnowledge, publish } from './index.ts';

let served: ServedStore;
let folder: string;
let webFolder: string;
let site: string;
beforeEach(async () => {
  served = await ServedStore.create();
  folder = await mkdtemp(join(tmpdir(), 'publish-'));
  [webFolder, site] = [join(folder, 'web'), join(folder, 'site')];
  await mkdir(join(webFolder, 'assets'), { recursive: true });
  await writeFile(
    join(webFolder, 'index.html'),
    '<!doctype html><script type="module" src="./assets/a.js"></script>',
  );
  await writeFile(join(webFolder, 'assets', 'a.js'), 'export {};');
});
afterEach(async () => {
  await served.remove();
  await rm(folder, { recursive: true });
});

const knowledgeAt = async (time: string): Promise<Knowledge> =>
  await loadKnowledge(served.store, await checkedInConfigs(), new Date(time));
const published = async (time: string) => await publish(await knowledgeAt(time), { webFolder, folder: site });
const first = '2026-02-01T00:00:00.000Z';
const second = '2026-02-02T00:00:00.000Z';

/** The content of every file of the site, by path. */
async function filesOf(): Promise<Map<string, string>> {
  const entries = await readdir(site, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.map(async (file) => [relative(site, file), await readFile(file, 'utf8')] as const),
    ),
  );
}

test('writes every served document and the dashboard, and nothing else', async () => {
  const done = await published(first);
  const files = await filesOf();
  const knowledge = await knowledgeAt(first);
  const kinds = new Set<string>();
  for (const [path, content] of files) {
    const name = /^data\/(.+)\.json$/.exec(path)?.[1];
    if (name === undefined || name === 'manifest') continue;
    const found = kindOf(name);
    expect(JSON.parse(content), path).toEqual(
      JSON.parse(JSON.stringify(await found?.kind.build(knowledge, found.parts))),
    );
    expect(found?.kind.schema.safeParse(JSON.parse(content)).success, path).toBe(true);
    kinds.add(found?.kind.path ?? '');
  }
  // No point of this store replays sessions.
  const ofStore = documentKinds.map(({ path }) => path).filter((path) => path !== 'sessions/{id}');
  expect([...kinds].toSorted()).toEqual(ofStore.toSorted());
  expect(files.has('docs/index.html')).toBe(true);
  expect([...files.keys()].filter((path) => !/^(data|docs)\//.test(path)).toSorted()).toEqual([
    '.nojekyll',
    '404.html',
    'assets/a.js',
    'index.html',
  ]);
  expect(done).toMatchObject({ written: files.size - 1, unchanged: 0, removed: 0 });
});

test('leaves out and reports a single invalid result, but stops if the store cannot be read', async () => {
  await published(first);
  const knowledge = await knowledgeAt(second);
  const [broken] = (await knowledge.store.latestPoints()).map(({ id }) => id);
  const throwing = (error: Error): Knowledge => ({
    ...knowledge,
    store: new Proxy(knowledge.store, {
      get: (store, name) => {
        const value: unknown = Reflect.get(store, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (name === 'measurement' && args[0] === broken) throw error;
          return await Reflect.apply(value, store, args);
        };
      },
    }),
  });
  const target = { webFolder, folder: site };
  const done = await publish(throwing(new RangeError('Maximum call stack size exceeded')), target);
  expect(done).toMatchObject({
    removed: 1,
    leftOut: [{ document: `points/${broken}`, reason: 'Maximum call stack size exceeded' }],
  });
  await expect(publish(throwing(new Error('the disk fails')), target)).rejects.toThrow('the disk fails');
});

test('publishes neither generated points nor their run', async () => {
  await published(first);
  for (const [path, content] of await filesOf()) {
    // A page of the docs may explain how to generate sessions.
    if (!path.startsWith('docs/')) expect(content.toLowerCase(), path).not.toContain('synthetic');
    expect(content, path).not.toContain('run-20260122-000000-dddd');
  }
  const index = z
    .object({ counts: z.object({ points: z.int(), runs: z.int() }) })
    .parse(JSON.parse(await readFile(join(site, 'data', 'index.json'), 'utf8')));
  expect(index.counts).toEqual({ points: 8, runs: 3 });
});

test("a link preview has the headline finding and, if the site's address is known, its picture", async () => {
  const page = `<!doctype html><head><meta
      property="og:description"
      content="Which hardware?"
    /></head>`;
  await writeFile(join(webFolder, 'index.html'), page);
  await published(first);
  const read = async () => await readFile(join(site, 'index.html'), 'utf8');
  const finding =
    /property="og:description"\s+content="[^"]+, \d+ tokens in and \d+ out, at least [\d.,]+ tok\/s per user and the first token within 5 s: [^"]+ serves [^"]+ tok\/s per GPU[^"]*\."/;
  expect(await read()).toMatch(finding);
  expect(await read()).not.toContain('og:image');
  const siteUrl = new URL('https://bench.example/inference/');
  await publish(await knowledgeAt(first), { webFolder, folder: site, siteUrl });
  expect(await read()).toMatch(finding);
  for (const [name, content] of [
    ['og:image', 'https://bench.example/inference/og.png'],
    ['og:url', 'https://bench.example/inference/'],
  ])
    expect(await read()).toContain(`<meta property="${name}" content="${content}" />`);
  expect(await read()).toContain('name="twitter:card" content="summary_large_image"');
});

test('the picture of the link preview exists in the stated size', async () => {
  const png = await readFile(join(packageRoot, 'web', 'public', 'og.png'));
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630]);
});

test('rewrites only what changed', async () => {
  await published(first);
  const before = await filesOf();
  expect(await published(second)).toMatchObject({ written: 0, removed: 0 });
  expect(await filesOf()).toEqual(before);

  const untouched = join(site, 'data', 'evals.json');
  const { mtimeMs, ino } = await stat(untouched);
  const at = Date.parse(second);
  const generated = { ...someSweep, sweepId: 'run-20260202-000000-eeee', at, seed: 6 };
  const directory = join(folder, 'run');
  await writeSweepFiles(directory, generated);
  await served.store.ingestRun(directory);
  // No published content changed.
  expect(await published(second)).toMatchObject({ written: 0 });

  const points = someSweep.points.map((point) => ({ ...point, at }));
  await served.ingestMeasured({ ...someSweep, sweepId: 'run-20260202-000000-ffff', at, seed: 7, points });
  expect((await published(second)).written).toBeGreaterThan(3);
  expect(await stat(untouched)).toMatchObject({ mtimeMs, ino });
  expect(await readFile(join(site, 'data', 'index.json'), 'utf8')).toContain(`"publishedAt":"${second}"`);
});

test('removes only files that are no longer part of the site', async () => {
  await published(first);
  await writeFile(join(site, 'CNAME'), 'bench.example');
  await writeFile(join(webFolder, 'assets', 'b.js'), 'export {};');
  await rm(join(webFolder, 'assets', 'a.js'));
  expect(await published(first)).toMatchObject({ written: 1, removed: 1 });
  const files = await filesOf();
  expect(files.has('assets/a.js')).toBe(false);
  expect(files.get('CNAME')).toBe('bench.example');
});

test('does not write into a folder with other files', async () => {
  await mkdir(site);
  await writeFile(join(site, 'thesis.tex'), 'x');
  await expect(published(first)).rejects.toThrow(
    'contains files that are not part of a published site, such as thesis.tex',
  );
  expect([...(await filesOf()).keys()]).toEqual(['thesis.tex']);
});

test('after an interruption at any point, the front page and everything it links to exists, and the next publish completes the site', async () => {
  await published(first);
  const before = await filesOf();
  await served.ingestMeasured({
    ...someSweep,
    sweepId: 'run-20260202-000000-ffff',
    at: Date.parse(second),
    seed: 7,
  });
  for (const calls of [0, 1, 3, 7]) {
    const knowledge = await knowledgeAt(second);
    const failing = { ...knowledge, store: failsAfter(knowledge.store, calls) };
    await expect(publish(failing, { webFolder, folder: site })).rejects.toThrow('cut off');
    const now = await filesOf();
    expect(now.get('data/index.json')).toBe(before.get('data/index.json'));
    for (const path of before.keys()) expect(now.has(path), path).toBe(true);
    for (const [path, content] of now) if (path.endsWith('.json')) JSON.parse(content);
  }
  await published(second);
  expect((await filesOf()).get('data/index.json')).toContain('run-20260202-000000-ffff');
  expect(await published(second)).toMatchObject({ written: 0, removed: 0 });
});

/** A store whose measurements can be read only a limited number of times. */
function failsAfter(store: Knowledge['store'], calls: number): Knowledge['store'] {
  let left = calls;
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...given: unknown[]) => {
        if (name === 'measurement' && left-- <= 0) throw new Error('cut off');
        return await value.apply(target, given);
      };
    },
  });
}

test('does not replace a site that has points if the store is empty', async () => {
  await published(first);
  const before = await filesOf();
  const empty = await openStore(join(folder, 'empty.sqlite'));
  try {
    const knowledge = await loadKnowledge(empty, await checkedInConfigs(), new Date(second));
    await expect(publish(knowledge, { webFolder, folder: site })).rejects.toThrow(
      'the store has no points to publish, but the published site has 8',
    );
    expect(await filesOf()).toEqual(before);
  } finally {
    await empty.close();
  }
});
