import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { InputError } from '../errors.ts';
import { lock } from '../process/lock.ts';
import { repositoryAt } from './hub.ts';
import { defaultHubCache, fetchMissing } from './hub-folder.ts';
import type { ProvisionContext } from './provision.ts';
import { slug } from './slug.ts';

/** A data set of the hub, as a config names it. */
export interface WantedDataSet {
  readonly id: string;
  /** A commit, branch or tag; default: the newest state. */
  readonly revision?: string;
  /** The cache of the hub's own tools, if it is not in the default place. */
  readonly hubCache?: string | undefined;
}

/** Files with rows of a data set at one commit. */
export interface ProvisionedDataSet {
  readonly revision: string;
  readonly files: readonly string[];
}

/** Written when all files are there. */
const complete = '.complete';
const rowFile = /\.jsonl$/;

/** The data set in the cache of the hub's own tools, which needs no network; undefined if it is not there. */
export async function dataSetHere({
  id,
  revision = 'main',
  hubCache = defaultHubCache(),
}: WantedDataSet): Promise<ProvisionedDataSet | undefined> {
  const folder = join(hubCache, `datasets--${id.replace('/', '--')}`);
  const ref = await readFile(join(folder, 'refs', revision), 'utf8').catch(() => undefined);
  const commit = ref?.trim() ?? revision;
  const files = await rowFilesIn(join(folder, 'snapshots', commit));
  return files.length === 0 ? undefined : { revision: commit, files };
}

/**
 * The files of a data set: from the cache of the hub's own tools, else from ours, into which they are downloaded first.
 * Throws InputError if it does not exist or has no `.jsonl` file.
 */
export async function provisionDataSet(
  wanted: WantedDataSet,
  context: ProvisionContext,
): Promise<ProvisionedDataSet> {
  const here = await dataSetHere(wanted);
  if (here !== undefined) return here;
  const { cacheDir, signal, onProgress } = context;
  const { id, revision } = wanted;
  const fetched = revision === undefined ? undefined : await fetchedBefore(cacheDir, id, revision);
  if (fetched !== undefined) return fetched;
  onProgress({ reference: id, phase: 'asking the hub' });
  const { sha, siblings } = await repositoryAt(id, revision, signal, { sizes: true, kind: 'datasets' });
  const files = siblings.filter(({ rfilename }) => rowFile.test(rfilename) && !rfilename.includes('/'));
  if (files.length === 0) {
    throw new InputError(`data set ${id} has no .jsonl file`, 'expected traces of agents, one per line', {
      code: 'bad-test',
    });
  }
  const folder = folderOf(cacheDir, id, sha);
  const release = await lock(`${folder}.lock`, {
    signal,
    onWait: ({ pid }) => onProgress({ reference: id, phase: `waiting for process ${pid}, which fetches it` }),
  });
  try {
    const from = { reference: id, repository: id, revision: sha, folder, kind: 'datasets' as const };
    await fetchMissing(from, files, context);
    await writeFileAtomically(join(folder, complete), '');
    return { revision: sha, files: files.map(({ rfilename }) => join(folder, rfilename)) };
  } finally {
    await release();
  }
}

/** Needs no network if the config names the commit. */
async function fetchedBefore(
  cacheDir: string,
  id: string,
  revision: string,
): Promise<ProvisionedDataSet | undefined> {
  const folder = folderOf(cacheDir, id, revision);
  return existsSync(join(folder, complete)) ? { revision, files: await rowFilesIn(folder) } : undefined;
}

function folderOf(cacheDir: string, id: string, revision: string): string {
  return join(cacheDir, 'datasets', `${slug(id)}-${revision.slice(0, 12)}`);
}

async function rowFilesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const files = names
    .filter((name) => rowFile.test(name))
    .toSorted()
    .map((name) => join(folder, name));
  return files;
}
