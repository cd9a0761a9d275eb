import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isUnfinished, removeUnfinished, writeFileAtomically } from '../atomic-file.ts';
import { InputError, messageOf, WorkError } from '../errors.ts';
import { lock } from '../process/lock.ts';
import { reasonFor } from '../schema-words.ts';
import { type DocumentKind, documentKinds, indexKind, pathOf } from './documents/index.ts';
import { sitePolicy, textPolicy, withPolicy } from './http/page-policy.ts';
import type { StaticFile } from './http/static-files.ts';
import { type Knowledge, shownCounts } from './knowledge.ts';
import { withLinkPreview } from './link-preview.ts';
import { siteFiles } from './site-files.ts';

/** The outcome of publishing, in files. */
export interface Published {
  readonly written: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Total size of the site. */
  readonly bytes: number;
  /** Pages of single results that could not be built; everything else was published. */
  readonly leftOut: readonly LeftOut[];
}

interface LeftOut {
  readonly document: string;
  readonly reason: string;
}

/** Reports progress in documents. */
export type PublishProgress = (done: number, total: number) => void;

const manifestName = 'data/manifest.json';
const indexName = 'data/index.json';

const manifestSchema = z.object({
  /** Every published file with the SHA-256 of its content. */
  files: z.record(z.string(), z.string()),
});

/**
 * Writes the dashboard and every document into a folder that any file host can serve, under any path.
 *
 * Unchanged files are not touched. Each file is replaced atomically, files that others link to before those
 * that link to them and the front page last, so the site works for readers at every moment, and after a
 * crash. Files that are no longer part of it are removed at the end. Throws InputError if the folder contains
 * other files.
 */
export async function publish(
  knowledge: Knowledge,
  {
    webFolder,
    folder,
    siteUrl,
    onProgress = () => {},
  }: {
    readonly webFolder: string;
    readonly folder: string;
    /** The URL at which the folder will be served, ending in a slash. */
    readonly siteUrl?: URL;
    readonly onProgress?: PublishProgress;
  },
): Promise<Published> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new InputError(
      `cannot create the folder ${folder}: ${messageOf(error)}`,
      'choose a writable folder',
      { code: 'file-unwritable' },
    );
  });
  const release = await lock(`${folder.replace(/\/+$/, '')}.publish.lock`, {
    signal: AbortSignal.timeout(600_000),
    onWait: () => {},
  });
  try {
    const site = new Site(folder, await publishedBefore(folder));
    await requirePoints(site, knowledge);
    await removeUnfinished(folder);
    await site.begin();
    const files = await siteFiles(webFolder);
    // Script names contain a hash of their content, so no one reads new ones until the front page refers to
    // them.
    await writeScripts(site, files);
    const leftOut = await writeDocuments(site, knowledge, onProgress);
    const page = Buffer.from(files.get('/index.html')?.body.plain ?? '').toString('utf8');
    await writeFirstPage(site, await withLinkPreview(page, knowledge, siteUrl));
    return { ...(await site.end()), leftOut };
  } finally {
    await release();
  }
}

/** Refuses to replace published results if the store is empty. */
async function requirePoints(site: Site, knowledge: Knowledge): Promise<void> {
  const before = indexSchema.safeParse(parsedJson(await site.read(indexName))).data?.counts?.points ?? 0;
  if (before === 0 || (await shownCounts(knowledge)).points > 0) return;
  throw new WorkError(
    `the store has no points to publish, but the published site has ${before}; the site was not changed`,
    {
      hint: 'check which store is used; to publish an empty site, choose an empty folder',
    },
  );
}

async function writeDocuments(
  site: Site,
  knowledge: Knowledge,
  onProgress: PublishProgress,
): Promise<readonly LeftOut[]> {
  const leftOut: LeftOut[] = [];
  const kinds = documentKinds.filter((kind) => kind !== indexKind).toReversed();
  const all = await Promise.all(
    kinds.map(async (kind) => (await kind.all(knowledge)).map((parts) => ({ kind, parts }))),
  );
  const documents = all.flat();
  for (const [index, { kind, parts }] of documents.entries()) {
    const document = await kind.build(knowledge, parts).catch((error: unknown) => {
      if (!isOfOneResult(kind, error)) throw error;
      leftOut.push({ document: pathOf(kind, parts), reason: reasonFor(error) });
    });
    // It may have been removed since it was listed.
    if (document !== undefined)
      await site.write(`data/${pathOf(kind, parts)}.json`, contentOf(kind, document));
    onProgress(index + 1, documents.length);
  }
  await writeIndex(site, knowledge);
  return leftOut;
}

/**
 * Whether an error is about the content of one result, and not about the store or the disk, which all
 * documents need.
 */
function isOfOneResult({ path }: DocumentKind, error: unknown): boolean {
  const ofContent = [RangeError, TypeError, SyntaxError, z.ZodError].some((kind) => error instanceof kind);
  return ofContent && path.endsWith('{id}');
}

/** Writes the index. If only its time of publication changed, the old index stays. */
async function writeIndex(site: Site, knowledge: Knowledge): Promise<void> {
  const before = indexSchema.safeParse(parsedJson(await site.read(indexName)));
  const publishedAt = site.written === 0 && before.success ? before.data.publishedAt : knowledge.publishedAt;
  const same = contentOf(indexKind, await indexKind.build({ ...knowledge, publishedAt }, {}));
  if (await site.has(indexName, same)) await site.write(indexName, same);
  else await site.write(indexName, contentOf(indexKind, await indexKind.build(knowledge, {})));
}

const indexSchema = z.looseObject({
  publishedAt: z.string(),
  counts: z.looseObject({ points: z.int() }).optional(),
});

async function writeScripts(site: Site, files: ReadonlyMap<string, StaticFile>): Promise<void> {
  const paths = [...files.keys()].filter((path) => path !== '/index.html' && !path.startsWith('/report/'));
  for (const path of paths) await site.write(path.slice(1), files.get(path)?.body.plain ?? '');
}

async function writeFirstPage(site: Site, page: string): Promise<void> {
  // Prevents hosts with a site generator from leaving files out.
  await site.write('.nojekyll', '');
  await site.write('404.html', withPolicy(notFoundPage, textPolicy));
  await site.write('index.html', withPolicy(page, sitePolicy));
}

const notFoundPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Not published</title></head>
<body style="font: 1rem/1.5 system-ui; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<h1>Page not found</h1>
<p>These results have one page; its views are behind the # of its address. Go to the start page of this site.</p>
</body>
</html>
`;

function contentOf(kind: DocumentKind, document: unknown): string {
  const text = JSON.stringify(document);
  // Queries leave out generated points; this check also covers anything added to a document later.
  if (/"hw":"[^"]*synthetic/i.test(text))
    throw new Error(`the document ${kind.path} has generated points in it`);
  return text;
}

/** The folder of a site while it is written. */
class Site {
  readonly #folder: string;
  readonly #before: ReadonlyMap<string, string>;
  readonly #now = new Map<string, string>();
  #bytes = 0;
  #unchanged = 0;
  written = 0;

  constructor(folder: string, before: ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.#before = before;
  }

  /** Marks the folder as a site, even if publishing is interrupted later. */
  async begin(): Promise<void> {
    if (this.#before.size === 0) await this.#writeManifest(this.#now);
  }

  async read(path: string): Promise<string> {
    return await readFile(join(this.#folder, path), 'utf8').catch(() => '');
  }

  /** Whether a file exists with this content. */
  async has(path: string, content: string | Uint8Array): Promise<boolean> {
    const found = await readFile(join(this.#folder, path)).catch(() => undefined);
    return found?.equals(Buffer.from(content)) === true;
  }

  async write(path: string, content: string | Uint8Array): Promise<void> {
    this.#now.set(path, createHash('sha256').update(content).digest('hex'));
    this.#bytes += Buffer.byteLength(content);
    if (await this.has(path, content)) {
      this.#unchanged++;
      return;
    }
    await writeFileAtomically(join(this.#folder, path), content);
    this.written++;
  }

  async end(): Promise<Omit<Published, 'leftOut'>> {
    const obsolete = [...this.#before.keys()].filter((path) => !this.#now.has(path));
    for (const path of obsolete) await rm(join(this.#folder, path), { force: true });
    if (obsolete.length > 0 || this.written > 0) await this.#writeManifest(this.#now);
    return {
      written: this.written,
      unchanged: this.#unchanged,
      removed: obsolete.length,
      bytes: this.#bytes,
    };
  }

  async #writeManifest(files: ReadonlyMap<string, string>): Promise<void> {
    const sorted = Object.fromEntries([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    await writeFileAtomically(join(this.#folder, manifestName), JSON.stringify({ files: sorted }));
  }
}

/** The files of an existing site; throws InputError if the folder contains other files. */
async function publishedBefore(folder: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => undefined);
  if (text === undefined) {
    const others = (await readdir(folder)).filter((name) => name !== '.git');
    // A first publishing that was interrupted before it wrote the manifest.
    const [only, ...more] = others;
    if (only === undefined) return new Map();
    const isBegun = more.length === 0 && only === dirname(manifestName);
    if (isBegun && (await readdir(join(folder, only))).every(isUnfinished)) return new Map();
    throw new InputError(
      `${folder} contains files that are not part of a published site, such as ${others[0]}`,
      'use an empty folder, or one written by an earlier `publish`',
      { code: 'file-exists' },
    );
  }
  const parsed = manifestSchema.safeParse(parsedJson(text));
  const files = parsed.success ? Object.entries(parsed.data.files) : [];
  // Files that are removed later must be inside the folder, whatever the manifest lists.
  return new Map(files.filter(([path]) => !dirname(`/${path}`).split('/').includes('..')));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
