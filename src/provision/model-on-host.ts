import { join } from 'node:path/posix';
import { InputError } from '../errors.ts';
import { mustRun, type Runner } from '../hosts/index.ts';
import { examineModelFolder, type FolderReader, type ModelFile, smallBytes } from './model-folder.ts';
import type { ProvisionedModel, WantedModel } from './provision.ts';

/**
 * Lists the files of the folder $1 with their sizes in the order of their names, then the digest that `folderDigest` is
 * of them, where files of at most $2 bytes are small; of a path that is no folder it says what that is.
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

/** The names of files of weights in the index $1, each once. */
const namesScript = `grep -oE '"[^"/]+\\.(safetensors|bin)"' "$1" | tr -d '"' | LC_ALL=C sort -u`;

const listMs = 60_000;
const readMs = 30_000;

/** What is known of weights on another host. A file is named by its size alone: its checksum would take minutes. */
export type ModelOnHost = Pick<ProvisionedModel, 'reference' | 'bytes'> & Partial<ProvisionedModel>;

/**
 * Looks at an absolute path of weights on a host, as `localPath` does here. Throws InputError if it is not there or not
 * whole.
 * @param where The host, as it is reached.
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
  const wrong = (what: string, hint: string) => new InputError(`model '${path}': ${what}`, hint);
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
    // Of a large model it has more than is kept of what a command prints.
    shards: async (index) => {
      const names = await read(['sh', '-c', namesScript, 'names-of-weights'], index).catch(() => '');
      return names === '' ? undefined : names.trim().split('\n');
    },
    beginning: async (name) => await read(['head', '-c', '64'], name),
  };
}
