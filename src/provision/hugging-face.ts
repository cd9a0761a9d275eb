import { Readable } from 'node:stream';
import { z } from 'zod';
import { bearerToken } from '../bearer-token.ts';
import { bodyWithin } from '../bounded-read.ts';
import { defined } from '../defined/defined.ts';
import { InputError, messageOf, WorkError } from '../errors.ts';
import { reasonFor } from '../schema-words.ts';
import { requireSpace } from './disk-space.ts';
import type { ModelSource } from './provision.ts';
import { cachedWeights } from './weights-cache.ts';

const form = /^([\w.-]+\/[\w.-]+)(?:#(.+))?$/;

/** `ORG/NAME` or `ORG/NAME#FILE`: a GGUF file of a model repository; `$HF_ENDPOINT` and `$HF_TOKEN` as usual. */
export const huggingFace: ModelSource = {
  example: 'org/model-GGUF#model.Q4_K_M.gguf',
  accepts: (reference) => form.test(reference),
  fault: async () => undefined,
  faultElsewhere: (reference) =>
    reference.includes('#')
      ? {
          message: `model '${reference}' names one file of a repository, which is only fetched for engines that are installed on this machine`,
          hint: `name the repository, ${reference.split('#')[0]}, or the path of the file as the engine sees it`,
        }
      : undefined,
  provision: async (reference, context) => {
    const [, repository = '', file] = form.exec(reference) ?? [];
    return await cachedWeights(reference, context, async () => {
      context.onProgress({ reference, phase: 'asking the hub' });
      const path = file ?? (await onlyGguf(repository, context.signal));
      const response = await ask(`${repository}/resolve/main/${path}`, context.signal);
      const bytes = Number(response.headers.get('content-length') ?? 0);
      if (bytes > 0) await requireSpace(context.cacheDir, reference, bytes);
      if (response.body === null) throw new WorkError(`the hub sent nothing for ${reference}`);
      return {
        content: Readable.fromWeb(response.body),
        ...defined({ bytes: bytes > 0 ? bytes : undefined }),
      };
    });
  },
};

/** A repository of some thousand files is described in less than 1 MB. */
const listingBytes = 32 * 1024 * 1024;

const repositoryInfo = z.object({ siblings: z.array(z.object({ rfilename: z.string() })) });

async function onlyGguf(repository: string, signal: AbortSignal): Promise<string> {
  const response = await ask(`api/models/${repository}`, signal);
  const { siblings } = await bodyWithin(response, listingBytes)
    .then((body) => repositoryInfo.parse(JSON.parse(body)))
    .catch((error: unknown) => {
      signal.throwIfAborted();
      throw new WorkError(
        `the hub's list of the files of ${repository} cannot be read: ${reasonFor(error)}`,
        {
          hint: `name the file: ${repository}#FILE`,
        },
      );
    });
  const files = siblings.map(({ rfilename }) => rfilename).filter((name) => name.endsWith('.gguf'));
  const [only] = files;
  if (only !== undefined && files.length === 1) return only;
  throw new InputError(
    `${repository} has ${files.length} GGUF files`,
    files.length === 0 ? 'name a repository with GGUF weights' : `name one: ${repository}#${files[0]}`,
  );
}

async function ask(path: string, signal: AbortSignal): Promise<Response> {
  const endpoint = process.env.HF_ENDPOINT ?? 'https://huggingface.co';
  const token = bearerToken('HF_TOKEN', process.env.HF_TOKEN);
  const url = `${endpoint}/${path}`;
  const response = await fetch(url, {
    signal,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new WorkError(`cannot reach the Hugging Face hub at ${endpoint}: ${messageOf(cause)}`, {
      hint: 'set HF_ENDPOINT to a mirror, or name a local file as the model',
    });
  });
  if (response.ok) return response;
  await response.body?.cancel();
  throw new InputError(
    `the Hugging Face hub answers ${response.status} for ${path}`,
    'check the name; a gated model needs HF_TOKEN',
  );
}
