import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../errors.ts';
import type { ModelFault, ModelSource } from './provision.ts';
import { sha256Of } from './weights-cache.ts';

/** A path of this machine: absolute, starting with a dot, or a file URL. It is used where it is. */
export const localPath: ModelSource = {
  example: './weights/model.gguf',
  accepts: (reference) => /^(\.{0,2}\/|file:)/.test(reference),
  fault: async (reference) => {
    const found = await look(reference);
    return found.isFile ? undefined : found.fault;
  },
  faultElsewhere: (reference) =>
    reference.startsWith('/')
      ? undefined
      : {
          message: `model '${reference}' is a path from the current directory, which an engine in a container or on another host does not share`,
          hint: 'write the absolute path that the engine sees',
        },
  provision: async (reference, { signal, onProgress }) => {
    const found = await look(reference);
    if (!found.isFile) throw new InputError(found.fault.message, found.fault.hint);
    const { path, bytes } = found;
    onProgress({ reference, phase: 'taking the checksum', bytesTotal: bytes });
    return { path, reference, sha256: await sha256Of(path, signal), bytes };
  },
};

/** The file that a reference names, or what is wrong with it. */
async function look(reference: string) {
  const path = reference.startsWith('file:') ? fileURLToPath(reference) : resolve(reference);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return { isFile: true, path, bytes: found.size } as const;
  const fault: ModelFault =
    found === undefined
      ? {
          message: `model '${reference}': there is no file ${path}`,
          hint: 'correct the path',
          onlyHere: true,
        }
      : {
          message: `model '${reference}': ${path} is a folder, and engines that are installed on this machine take one file of weights`,
          hint: 'name a GGUF file',
        };
  return { isFile: false, fault } as const;
}
