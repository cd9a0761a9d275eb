import { z } from 'zod';
import { bearerToken } from '../bearer-token.ts';
import { bodyWithin } from '../bounded-read.ts';
import { InputError, messageOf, WorkError } from '../errors.ts';
import { reasonFor } from '../schema-words.ts';

/** A file of a repository, with its size if the hub reports it. */
export interface HubFile {
  readonly rfilename: string;
  readonly size?: number | undefined;
}

/** What a repository of the hub holds. */
export type HubKind = 'models' | 'datasets';

/** A repository at one commit. */
export interface HubRepository {
  readonly sha: string;
  readonly siblings: readonly HubFile[];
}

/** The description of a repository with several thousand files takes less than 1 MB. */
const listingBytes = 32 * 1024 * 1024;

const repositoryInfo = z.object({
  sha: z.string().default('main'),
  siblings: z.array(z.object({ rfilename: z.string(), size: z.number().optional() })),
});

/**
 * The content of a repository at a revision, with file sizes on request. Throws InputError if it does not exist or this
 * user has no access.
 */
export async function repositoryAt(
  name: string,
  revision: string | undefined,
  signal: AbortSignal,
  { sizes = false, kind = 'models' }: { readonly sizes?: boolean; readonly kind?: HubKind } = {},
): Promise<HubRepository> {
  const at = revision === undefined ? '' : `/revision/${encodeURIComponent(revision)}`;
  const response = await ask(`api/${kind}/${name}${at}${sizes ? '?blobs=true' : ''}`, name, signal);
  return await bodyWithin(response, listingBytes)
    .then((body) => repositoryInfo.parse(JSON.parse(body)))
    .catch((error: unknown) => {
      signal.throwIfAborted();
      throw new WorkError(`the hub's list of the files of ${name} cannot be read: ${reasonFor(error)}`, {
        code: 'file-unreadable',
        hint: `name the file: ${name}#FILE`,
      });
    });
}

/** Downloads a file of a repository at a revision. */
export async function fileAt(
  name: string,
  revision: string,
  path: string,
  signal: AbortSignal,
  kind: HubKind = 'models',
): Promise<Response> {
  return await ask(
    `${kind === 'models' ? '' : `${kind}/`}${name}/resolve/${encodeURIComponent(revision)}/${path}`,
    name,
    signal,
  );
}

/** Checks whether this user may read a file of a repository: throws like `fileAt`, but downloads nothing. */
export async function askForFile(
  name: string,
  revision: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  await ask(`${name}/resolve/${encodeURIComponent(revision)}/${path}`, name, signal, 'HEAD');
}

/** Sends a request to the hub. `$HF_ENDPOINT` and `$HF_TOKEN` have the usual meaning. */
async function ask(
  path: string,
  repository: string,
  signal: AbortSignal,
  method: 'GET' | 'HEAD' = 'GET',
): Promise<Response> {
  const endpoint = process.env.HF_ENDPOINT ?? 'https://huggingface.co';
  const token = bearerToken('HF_TOKEN', process.env.HF_TOKEN);
  const response = await fetch(`${endpoint}/${path}`, {
    method,
    signal,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new WorkError(`cannot reach the Hugging Face hub at ${endpoint}: ${messageOf(cause)}`, {
      code: 'model-unavailable',
      hint: 'set HF_ENDPOINT to a mirror, or use a local file or folder as the model',
    });
  });
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 429 || response.status >= 500)
    throw new WorkError(`the Hugging Face hub answers ${response.status} for ${path.split('?')[0]}`, {
      code: 'model-unavailable',
      hint: 'it limits requests or has a problem: retry later, with HF_TOKEN, which has a higher limit',
    });
  throw refusal(response.status, repository, path, token !== undefined);
}

/**
 * Explains an error status of the hub and how to fix it. The hub also returns 401 for repositories that do not exist.
 */
function refusal(status: number, repository: string, path: string, hasToken: boolean): InputError {
  const answer = `the Hugging Face hub answers ${status} for ${path.split('?')[0]}`;
  if (status === 403 || (status === 401 && hasToken))
    return new InputError(
      `${answer}: ${repository} is gated, and HF_TOKEN has no access to it`,
      `accept its terms on https://huggingface.co/${repository} with the account of the token, or use a local folder as the model`,
      { code: 'model-unavailable' },
    );
  if (status === 401)
    return new InputError(
      `${answer}: ${repository} is gated, or does not exist`,
      `check the name; if it is gated, accept its terms on https://huggingface.co/${repository} and set HF_TOKEN`,
      { code: 'model-unavailable' },
    );
  if (status === 404)
    return new InputError(
      `${answer}: no such repository, revision or file`,
      'check the name and the revision; a gated model needs HF_TOKEN',
      { code: 'model-unavailable' },
    );
  return new InputError(answer, 'check the name; a gated model needs HF_TOKEN', {
    code: 'model-unavailable',
  });
}
