import { createHash } from 'node:crypto';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { ModelFacts } from '../model-facts.ts';
import { shapeOf } from './model-shape.ts';

/** A file in a model folder. */
export interface ModelFile {
  readonly name: string;
  readonly bytes: number;
}

/** A model folder in Hugging Face layout. It is complete, as far as can be seen without reading the weights. */
export interface ModelFolder {
  readonly path: string;
  readonly files: readonly ModelFile[];
  readonly bytes: number;
  readonly shape: ModelFacts;
}

/** How to read a model folder on any machine. */
export interface FolderReader {
  /** Sorted by name. Throws if the folder does not exist. */
  files(): Promise<readonly ModelFile[]>;
  /** The content of a file. Throws if it cannot be read. */
  text(name: string): Promise<string>;
  /** The file names in an index of weights; undefined if it is not an index. */
  shards(index: string): Promise<readonly string[] | undefined>;
  /** The first bytes of a file. */
  beginning(name: string): Promise<string>;
}

/** Maximum size of files that are read for a digest, bytes. */
export const smallBytes = 1_000_000;
/** Start of the pointer file that replaces a large file until Git LFS downloads it. */
const pointer = 'version https://git-lfs';
const tokenizers = ['tokenizer.json', 'tokenizer.model', 'tekken.json', 'vocab.json', 'spiece.model'];
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Examines a model folder: the config, a tokenizer, and every weight file that its index names.
 * @param dummy Whether the weights are not needed.
 * @param reader How to read the folder; default: on this machine.
 */
export async function examineModelFolder(
  path: string,
  {
    dummy = false,
    reader = readerHere(path),
  }: { readonly dummy?: boolean; readonly reader?: FolderReader } = {},
): Promise<{ readonly folder: ModelFolder } | { readonly lacks: readonly string[] }> {
  const files = await reader.files();
  const has = new Set(files.map(({ name }) => name));
  const lacks: string[] = [];
  const shape = await readShape(reader, lacks);
  if (!tokenizers.some((name) => has.has(name))) lacks.push(`it has no tokenizer (${tokenizers[0]})`);
  if (!dummy) lacks.push(...(await missingWeights(reader, files)));
  if (lacks.length > 0 || shape === undefined) return { lacks };
  const weights = files.filter(({ name }) => isWeights(name)).reduce((sum, { bytes }) => sum + bytes, 0);
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
  return {
    folder: {
      path,
      files,
      bytes,
      shape: dummy || weights === 0 ? shape : { ...shape, weightBytes: weights },
    },
  };
}

/** A digest over the names and sizes of all files, and the content of small ones. */
export async function folderDigest({ path, files }: ModelFolder): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, bytes } of files) {
    hash.update(`${name} ${bytes}\n`);
    if (bytes <= smallBytes) hash.update(await readFile(join(path, name)));
  }
  return hash.digest('hex');
}

function readerHere(path: string): FolderReader {
  return {
    files: async () => await filesOf(path),
    text: async (name) => await readFile(join(path, name), 'utf8'),
    shards: async (index) => await shardsOf(join(path, index)),
    beginning: async (name) => await beginning(join(path, name)),
  };
}

async function filesOf(path: string): Promise<ModelFile[]> {
  const names = (await readdir(path)).filter((name) => !name.startsWith('.')).toSorted();
  const files: ModelFile[] = [];
  for (const name of names) {
    const found = await stat(join(path, name)).catch(() => undefined);
    if (found?.isFile() === true) files.push({ name, bytes: found.size });
  }
  return files;
}

async function readShape(reader: FolderReader, lacks: string[]): Promise<ModelFacts | undefined> {
  const text = await reader.text('config.json').catch(() => undefined);
  if (text === undefined) {
    lacks.push('it has no config.json');
    return undefined;
  }
  try {
    return shapeOf(JSON.parse(text));
  } catch (error) {
    lacks.push(`its config.json cannot be read: ${messageOf(error).split('\n')[0]}`);
    return undefined;
  }
}

async function missingWeights(reader: FolderReader, files: readonly ModelFile[]): Promise<string[]> {
  const has = new Map(files.map(({ name, bytes }) => [name, bytes]));
  const index = ['model.safetensors.index.json', 'pytorch_model.bin.index.json'].find((name) =>
    has.has(name),
  );
  const wanted = index === undefined ? undefined : await reader.shards(index);
  if (index !== undefined && wanted === undefined) return [`its ${index} is not an index of weights`];
  const missing = (wanted ?? []).filter((name) => !has.has(name));
  if (missing.length > 0 && wanted !== undefined) {
    const some = missing.slice(0, 3).join(', ');
    const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
    return [
      `${missing.length} of the ${wanted.length} files of weights in ${index} are missing: ${some}${more}`,
    ];
  }
  const weights = wanted ?? files.map(({ name }) => name).filter(isWeights);
  if (weights.length === 0) return ['it has no weights (*.safetensors)'];
  for (const name of weights) {
    const what = (has.get(name) ?? 0) > 1000 ? undefined : await reader.beginning(name);
    if (what?.startsWith(pointer) === true)
      return [`${name} is a Git LFS pointer, not the weights: run git lfs pull there`];
    if (has.get(name) === 0) return [`${name} is empty`];
  }
  return [];
}

async function shardsOf(index: string): Promise<string[] | undefined> {
  try {
    const { weight_map } = indexSchema.parse(JSON.parse(await readFile(index, 'utf8')));
    return [...new Set(Object.values(weight_map))].toSorted();
  } catch {
    return undefined;
  }
}

async function beginning(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function isWeights(name: string): boolean {
  return name.endsWith('.safetensors') || /^pytorch_model.*\.bin$/.test(name);
}
