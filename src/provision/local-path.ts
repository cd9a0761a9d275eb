import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../errors.ts';
import type { ModelSource } from './provision.ts';
import { sha256Of } from './weights-cache.ts';

/** A path of this machine: absolute, starting with a dot, or a file URL. It is used where it is. */
export const localPath: ModelSource = {
  example: './weights/model.gguf',
  accepts: (reference) => /^(\.{0,2}\/|file:)/.test(reference),
  provision: async (reference, { signal, onProgress }) => {
    const path = reference.startsWith('file:') ? fileURLToPath(reference) : resolve(reference);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || !found.isFile())
      throw new InputError(`model '${reference}': there is no file ${path}`);
    onProgress({ reference, phase: 'taking the checksum', bytesTotal: found.size });
    return { path, reference, sha256: await sha256Of(path, signal), bytes: found.size };
  },
};
