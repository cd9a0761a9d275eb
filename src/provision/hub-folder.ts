import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WorkError } from '../errors.ts';
import { lock } from '../process/lock.ts';
import { requireSpace } from './disk-space.ts';
import { fileAt, type HubFile, type HubKind, repositoryAt } from './hub.ts';
import { examineModelFolder } from './model-folder.ts';
import type { ProvisionContext, WantedModel } from './provision.ts';
import { slug } from './slug.ts';

/** A model folder and its commit. */
export interface HubFolder {
  readonly path: string;
  readonly revision: string;
}

/**
 * The complete model in the cache of the hub's own tools (used by `hf download` and engines); undefined if it is not
 * there.
 */
export async function folderInHubCache(
  repository: string,
  revision = 'main',
  hubCache = defaultHubCache(),
  { dummy = false }: Pick<WantedModel, 'dummy'> = {},
): Promise<HubFolder | undefined> {
  const model = join(hubCache, `models--${repository.replace('/', '--')}`);
  const ref = await readFile(join(model, 'refs', revision), 'utf8').catch(() => undefined);
  const commit = ref?.trim() ?? revision;
  const path = join(model, 'snapshots', commit);
  if ((await stat(path).catch(() => undefined))?.isDirectory() !== true) return undefined;
  return 'folder' in (await examineModelFolder(path, { dummy })) ? { path, revision: commit } : undefined;
}

/** The cache of the hub's own tools. */
export function defaultHubCache(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return (
    environment.HF_HUB_CACHE ??
    join(
      environment.HF_HOME ?? join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface'),
      'hub',
    )
  );
}

/** Formats other than safetensors; nothing here reads them. */
const notNeeded = /\.(?:pth|pt|h5|msgpack|onnx|ot|gguf|tflite)$|^(?:original|metal|onnx|coreml)\/|^\./;

/**
 * Downloads the files of a repository at one commit into the cache, each once; complete files of a killed download are
 * kept. If there are safetensors, code and other weight formats are skipped.
 */
export async function fetchedFolder(
  reference: string,
  repository: string,
  revision: string | undefined,
  context: ProvisionContext,
  { dummy = false }: Pick<WantedModel, 'dummy'> = {},
): Promise<HubFolder> {
  const { cacheDir, signal, onProgress } = context;
  onProgress({ reference, phase: 'asking the hub' });
  const { sha, siblings } = await repositoryAt(repository, revision, signal, { sizes: true });
  const wanted = wantedFiles(siblings, dummy);
  const folder = join(cacheDir, 'models', `${slug(repository)}-${sha.slice(0, 12)}`);
  const release = await lock(`${folder}.lock`, {
    signal,
    onWait: ({ pid }) => onProgress({ reference, phase: `waiting for process ${pid}, which fetches it` }),
  });
  try {
    await fetchMissing({ reference, repository, revision: sha, folder }, wanted, context);
    return { path: folder, revision: sha };
  } finally {
    await release();
  }
}

/** Files of a repository at one commit, and the folder for them. */
export interface HubFiles {
  /** The reference in the config. */
  readonly reference: string;
  readonly repository: string;
  readonly revision: string;
  readonly folder: string;
  readonly kind?: HubKind;
}

/** Downloads the files that are not in the folder yet. */
export async function fetchMissing(
  from: HubFiles,
  wanted: readonly HubFile[],
  { cacheDir, signal, onProgress }: ProvisionContext,
): Promise<void> {
  const { reference, folder } = from;
  const missing: HubFile[] = [];
  for (const file of wanted) if (!(await isThere(folder, file))) missing.push(file);
  const bytesTotal = missing.reduce((sum, { size = 0 }) => sum + size, 0);
  if (bytesTotal > 0) await requireSpace(cacheDir, reference, bytesTotal);
  let bytesDone = 0;
  for (const file of missing) {
    onProgress({ reference, phase: `fetching ${file.rfilename}`, bytesDone, bytesTotal });
    await fetchFile(from, file, signal);
    bytesDone += file.size ?? 0;
  }
}

function wantedFiles(files: readonly HubFile[], dummy: boolean): HubFile[] {
  const isSafe = ({ rfilename }: HubFile) => rfilename.endsWith('.safetensors');
  const isTorch = ({ rfilename }: HubFile) => rfilename.endsWith('.bin');
  const outside = files.find(({ rfilename }) => /^\/|(?:^|\/)\.\.(?:\/|$)/.test(rfilename));
  if (outside !== undefined)
    throw new WorkError(`the hub lists a file outside of its repository: ${outside.rfilename}`, {
      code: 'model-unavailable',
    });
  const useful = files.filter(({ rfilename }) => !notNeeded.test(rfilename));
  if (dummy) return useful.filter((file) => !isSafe(file) && !isTorch(file));
  return useful.some(isSafe) ? useful.filter((file) => !isTorch(file)) : useful;
}

async function isThere(folder: string, { rfilename, size }: HubFile): Promise<boolean> {
  const found = await stat(join(folder, rfilename)).catch(() => undefined);
  return found !== undefined && (size === undefined || found.size === size);
}

async function fetchFile(
  { repository, revision, folder, kind }: HubFiles,
  { rfilename, size }: HubFile,
  signal: AbortSignal,
): Promise<void> {
  const response = await fileAt(repository, revision, rfilename, signal, kind);
  if (response.body === null)
    throw new WorkError(`the hub sent nothing for ${repository}/${rfilename}`, { code: 'model-unavailable' });
  const path = join(folder, rfilename);
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  await pipeline(Readable.fromWeb(response.body), createWriteStream(part), { signal });
  const { size: written } = await stat(part);
  if (size !== undefined && written !== size)
    throw new WorkError(`${repository}/${rfilename} has ${size} bytes, and ${written} of them arrived`, {
      code: 'model-unavailable',
      hint: 'run the command again; complete files are kept',
    });
  await rename(part, path);
}
