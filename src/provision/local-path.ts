import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../errors.ts';
import { sha256OfFile } from '../file-digest.ts';
import { folderChecksums } from './folder-checksums.ts';
import { examineModelFolder, type ModelFolder } from './model-folder.ts';
import type { LocalFault, ModelSource, WantedModel } from './provision.ts';

/**
 * A path on this machine: absolute, starting with a dot or `~/`, or a file URL. It is used in place: a weight file, or
 * a folder in Hugging Face layout for engines that read one.
 */
export const localPath: ModelSource = {
  example: '/models/Llama-3.1-8B',
  accepts: (reference) => /^(\.{0,2}\/|~\/|file:)/.test(reference),
  fault: async (reference, wanted) => {
    const found = await look(reference, wanted);
    return found.is === 'fault' ? found.fault : undefined;
  },
  faultElsewhere: (reference) =>
    reference.startsWith('/')
      ? undefined
      : {
          message: `model '${reference}' is a path relative to the current directory, which an engine in a container or on another host does not share`,
          hint: 'write the absolute path that the engine sees',
        },
  folderHere: async (reference) => {
    const path = pathOf(reference);
    return (await stat(path).catch(() => undefined))?.isDirectory() === true ? path : undefined;
  },
  provision: async (reference, context, wanted) => {
    const { signal, onProgress } = context;
    const found = await look(reference, wanted);
    if (found.is === 'fault') throw new InputError([found.fault], undefined, { code: 'model-unavailable' });
    if (found.is === 'folder') {
      const { path, bytes } = found.folder;
      return { path, reference, bytes, ...(await folderChecksums(reference, found.folder, context)) };
    }
    const { path, bytes } = found;
    onProgress({ reference, phase: 'taking the checksum', bytesTotal: bytes });
    return { path, reference, sha256: await sha256OfFile(path, signal), bytes };
  },
};

type Found =
  | { readonly is: 'file'; readonly path: string; readonly bytes: number }
  | { readonly is: 'folder'; readonly folder: ModelFolder }
  | { readonly is: 'fault'; readonly fault: LocalFault };

function pathOf(reference: string): string {
  return reference.startsWith('file:')
    ? fileURLToPath(reference)
    : resolve(reference.replace(/^~(?=\/)/, homedir()));
}

/** The file or folder that a reference names, or what is wrong with it. */
async function look(reference: string, { asFolder = false, dummy = false }: WantedModel): Promise<Found> {
  const path = pathOf(reference);
  const found = await stat(path).catch(() => undefined);
  const wrong = (what: string, hint: string): Found => ({
    is: 'fault',
    fault: { message: `model '${reference}': ${what}`, hint },
  });
  if (found === undefined) {
    const message = `model '${reference}': no such file or folder ${path}`;
    return { is: 'fault', fault: { message, hint: 'correct the path', onlyHere: true } };
  }
  if (found.isFile()) return { is: 'file', path, bytes: found.size };
  if (!asFolder) {
    const [gguf] = (await readdir(path)).filter((name) => name.endsWith('.gguf'));
    const hint = gguf === undefined ? 'name a GGUF file' : `name the file: ${join(path, gguf)}`;
    return wrong(`${path} is a folder, and this engine reads one file of weights`, hint);
  }
  const examined = await examineModelFolder(path, { dummy });
  if ('folder' in examined) return { is: 'folder', folder: examined.folder };
  return wrong(
    `${path} is not a complete model in Hugging Face layout: ${examined.lacks.join('; ')}`,
    `name the folder that has config.json, or download the whole model: hf download ORG/NAME --local-dir ${path}`,
  );
}
