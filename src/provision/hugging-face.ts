import { Readable } from 'node:stream';
import { defined } from '../defined/defined.ts';
import { InputError, messageOf, WorkError } from '../errors.ts';
import type { Finding } from '../finding.ts';
import { requireSpace } from './disk-space.ts';
import { folderChecksums } from './folder-checksums.ts';
import { askForFile, fileAt, repositoryAt } from './hub.ts';
import { fetchedFolder, folderInHubCache } from './hub-folder.ts';
import { examineModelFolder } from './model-folder.ts';
import type { ModelSource, ProvisionContext, ProvisionedModel, WantedModel } from './provision.ts';
import { cachedWeights } from './weights-cache.ts';

const form = /^([\w.-]+\/[\w.-]+)(?:@([\w.-]+))?(?:#(.+))?$/;

/**
 * `ORG/NAME`, `ORG/NAME@REVISION` for a commit, branch or tag, or `ORG/NAME#FILE` for one file: the whole repository
 * for engines that read a folder, otherwise a GGUF file in it. `$HF_ENDPOINT`, `$HF_TOKEN` and `$HF_HUB_CACHE` work as
 * usual.
 */
export const huggingFace: ModelSource = {
  example: 'org/model-GGUF#model.Q4_K_M.gguf',
  accepts: (reference) => form.test(reference),
  fault: async () => undefined,
  faultElsewhere: (reference) =>
    reference.includes('#')
      ? {
          message: `model '${reference}' is one file of a repository, which can only be fetched for engines that are installed on this machine`,
          hint: `name the repository, ${reference.split('#')[0]}, or the path of the file as the engine sees it`,
        }
      : undefined,
  folderHere: async (reference, { hubCache }) => {
    const { repository, revision, file } = parts(reference);
    return file === undefined ? (await folderInHubCache(repository, revision, hubCache))?.path : undefined;
  },
  reach: async (reference, { hubCache }, signal) => {
    const { repository, revision = 'main', file } = parts(reference);
    const found = (state: Finding['state'], message: string) => ({ check: 'model', state, message });
    if (file === undefined && (await folderInHubCache(repository, revision, hubCache)) !== undefined)
      return found('ok', `${reference} is in the cache of the hub's tools`);
    try {
      await askForFile(repository, revision, file ?? 'config.json', signal);
      return found('ok', `${reference} can be downloaded`);
    } catch (error) {
      if (!(error instanceof InputError)) {
        const message = `${reference}: not known whether it can be downloaded: ${messageOf(error)}`;
        return {
          ...found('warning', message),
          todo: 'check whether this machine can reach the hub (HF_ENDPOINT)',
        };
      }
      if (file === undefined && (await hasOnlyGguf(repository, revision, signal)))
        return found('ok', `${reference} can be downloaded`);
      const [problem] = error.problems;
      return {
        ...found('problem', problem?.message ?? error.message),
        ...defined({ todo: problem?.hint }),
      };
    }
  },
  provision: async (reference, context, wanted) => {
    const { repository, revision, file } = parts(reference);
    if (wanted.asFolder === true && file === undefined)
      return await wholeRepository(reference, repository, revision, context, wanted);
    return await cachedWeights(reference, context, async () => {
      context.onProgress({ reference, phase: 'asking the hub' });
      const path = file ?? (await onlyGguf(repository, revision, context.signal));
      const response = await fileAt(repository, revision ?? 'main', path, context.signal);
      const bytes = Number(response.headers.get('content-length') ?? 0);
      if (bytes > 0) await requireSpace(context.cacheDir, reference, bytes);
      if (response.body === null)
        throw new WorkError(`the hub sent nothing for ${reference}`, { code: 'model-unavailable' });
      return {
        content: Readable.fromWeb(response.body),
        ...defined({ bytes: bytes > 0 ? bytes : undefined }),
      };
    });
  },
};

function parts(reference: string) {
  const [, repository = '', revision, file] = form.exec(reference) ?? [];
  return { repository, revision, file };
}

/** Uses a copy downloaded by the hub's own tools in place; otherwise downloads into our cache. */
async function wholeRepository(
  reference: string,
  repository: string,
  revision: string | undefined,
  context: ProvisionContext,
  { dummy = false, hubCache }: WantedModel,
): Promise<ProvisionedModel> {
  const found =
    (await folderInHubCache(repository, revision, hubCache, { dummy })) ??
    (await fetchedFolder(reference, repository, revision, context, { dummy }));
  const examined = await examineModelFolder(found.path, { dummy });
  if (!('folder' in examined))
    throw new InputError(
      `model '${reference}' is not a complete model in Hugging Face layout: ${examined.lacks.join('; ')}`,
      'name a repository with config.json, a tokenizer and safetensors',
      { code: 'model-unavailable' },
    );
  const { path, bytes } = examined.folder;
  return {
    path,
    reference,
    revision: found.revision,
    bytes,
    ...(await folderChecksums(reference, examined.folder, context)),
  };
}

async function onlyGguf(
  repository: string,
  revision: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { siblings } = await repositoryAt(repository, revision, signal);
  const files = siblings.map(({ rfilename }) => rfilename).filter((name) => name.endsWith('.gguf'));
  const [only] = files;
  if (only !== undefined && files.length === 1) return only;
  throw new InputError(
    `${repository} has ${files.length} GGUF files`,
    files.length === 0 ? 'name a repository with GGUF weights' : `name one: ${repository}#${files[0]}`,
    { code: 'model-unavailable' },
  );
}

/** Such repositories have no config.json. */
async function hasOnlyGguf(repository: string, revision: string, signal: AbortSignal): Promise<boolean> {
  const { siblings } = await repositoryAt(repository, revision, signal).catch(() => ({ siblings: [] }));
  const names = siblings.map(({ rfilename }) => rfilename);
  return names.some((name) => name.endsWith('.gguf')) && !names.includes('config.json');
}
