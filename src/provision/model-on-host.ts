import { join } from 'node:path/posix';
import { InputError } from '../errors.ts';
import { mustRun, type Runner } from '../hosts/index.ts';
import { examineModelFolder, type FolderReader, type ModelFile, smallBytes } from './model-folder.ts';
import type { ProvisionedModel, WantedModel } from './provision.ts';

/**
 * Lists the files in the folder $1 with their sizes, sorted by name, then the digest that `folderDigest` would compute,
 * where files of at most $2 bytes count as small. If the path is not a folder, prints what it is.
 */
const listScript = `export LC_ALL=C
if [ -f "$1" ]; then echo "bytes $(stat -L -c %s "$1")"; exit 0; fi
cd "$1" 2>/dev/null || { echo absent; exit 0; }
for file in *; do
  if [ -f "$file" ]; then printf 'file %s %s\\n' "$(stat -L -c %s "$file")" "$file"; fi
done
for file in *; do
  [ -f "$file" ] || continue
  bytes=$(stat -L -c %s "$file")
  printf '%s %s\\n' "$file" "$bytes"
  if [ "$bytes" -le "$2" ]; then cat "$file"; fi
done | sha256sum | sed 's/^/digest /'`;

/** The names of the weight files in the index $1, without duplicates. */
const namesScript = `grep -oE '"[^"/]+\\.(safetensors|bin)"' "$1" | tr -d '"' | LC_ALL=C sort -u`;

const listMs = 60_000;
const readMs = 30_000;

/**
 * Facts about weights on another host. A file is identified by its size only, because a checksum would take minutes.
 */
export type ModelOnHost = Pick<ProvisionedModel, 'reference' | 'bytes'> & Partial<ProvisionedModel>;

/**
 * Examines weights at an absolute path on a host, like `localPath` does on this machine. Throws InputError if they are
 * missing or incomplete.
 * @param where The host, as the user names it.
 */
export async function modelOnHost(
  path: string,
  host: Runner,
  {
    where,
    signal,
    asFolder = false,
    dummy = false,
  }: WantedModel & { readonly where: string; readonly signal: AbortSignal },
): Promise<ModelOnHost> {
  const listed = await mustRun(host, ['sh', '-c', listScript, 'list-model', path, String(smallBytes)], {
    timeoutMs: listMs,
    signal,
  });
  const fileBytes = /^bytes (\d+)$/m.exec(listed)?.[1];
  if (fileBytes !== undefined) return { reference: path, bytes: Number(fileBytes) };
  const wrong = (what: string, hint: string) =>
    new InputError(`model '${path}': ${what}`, hint, { code: 'model-unavailable' });
  const sha256 = /^digest ([0-9a-f]{64})/m.exec(listed)?.[1];
  if (sha256 === undefined)
    throw wrong(`no such file or folder on ${where}`, `correct the path, as it is on ${where}`);
  if (!asFolder)
    throw wrong(`it is a folder on ${where}, and this engine reads one file of weights`, 'name the file');
  const reader = readerOn(host, path, filesIn(listed), signal);
  const examined = await examineModelFolder(path, { dummy, reader });
  if ('lacks' in examined)
    throw wrong(
      `it is not a complete model in Hugging Face layout on ${where}: ${examined.lacks.join('; ')}`,
      `name the folder that has config.json, or download the whole model there: hf download ORG/NAME --local-dir ${path}`,
    );
  return { reference: path, bytes: examined.folder.bytes, sha256 };
}

function filesIn(listed: string): ModelFile[] {
  return listed.split('\n').flatMap((line) => {
    const [, bytes, name] = /^file (\d+) (.+)$/.exec(line) ?? [];
    return bytes === undefined || name === undefined ? [] : [{ name, bytes: Number(bytes) }];
  });
}

function readerOn(
  host: Runner,
  folder: string,
  files: readonly ModelFile[],
  signal: AbortSignal,
): FolderReader {
  const read = async (command: readonly string[], name: string) =>
    await mustRun(host, [...command, join(folder, name)], { timeoutMs: readMs, signal });
  return {
    files: async () => files,
    text: async (name) => await read(['cat'], name),
    // The index of a large model is longer than the captured output of a command.
    shards: async (index) => {
      const names = await read(['sh', '-c', namesScript, 'names-of-weights'], index).catch(() => '');
      return names === '' ? undefined : names.trim().split('\n');
    },
    beginning: async (name) => await read(['head', '-c', '64'], name),
  };
}
