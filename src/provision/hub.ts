import { z } from 'zod';
import { bearerToken } from '../bearer-token.ts';
import { bodyWithin } from '../bounded-read.ts';
import { InputError, messageOf, WorkError } from '../errors.ts';
import { reasonFor } from '../schema-words.ts';

/** A file of a repository; its size where the hub says it. */
export interface HubFile {
  readonly rfilename: string;
  readonly size?: number | undefined;
}

/** A repository of models at one commit. */
export interface HubRepository {
  readonly sha: string;
  readonly siblings: readonly HubFile[];
}

/** A repository of some thousand files is described in less than 1 MB. */
const listingBytes = 32 * 1024 * 1024;

const repositoryInfo = z.object({
  sha: z.string().default('main'),
  siblings: z.array(z.object({ rfilename: z.string(), size: z.number().optional() })),
});

/** What a repository has at a revision, with the sizes of its files if they are asked for; throws InputError if there is none such, or it is not open to this user. */
export async function repositoryAt(
  name: string,
  revision: string | undefined,
  signal: AbortSignal,
  { sizes = false }: { readonly sizes?: boolean } = {},
): Promise<HubRepository> {
  const at = revision === undefined ? '' : `/revision/${encodeURIComponent(revision)}`;
  const response = await ask(`api/models/${name}${at}${sizes ? '?blobs=true' : ''}`, name, signal);
  return await bodyWithin(response, listingBytes)
    .then((body) => repositoryInfo.parse(JSON.parse(body)))
    .catch((error: unknown) => {
      signal.throwIfAborted();
      throw new WorkError(`the hub's list of the files of ${name} cannot be read: ${reasonFor(error)}`, {
        hint: `name the file: ${name}#FILE`,
      });
    });
}

/** One file of a repository at a revision. */
export async function fileAt(
  name: string,
  revision: string,
  path: string,
  signal: AbortSignal,
): Promise<Response> {
  return await ask(`${name}/resolve/${encodeURIComponent(revision)}/${path}`, name, signal);
}

/** Whether a file of a repository is open to this user: throws as `fileAt` does, and fetches nothing. */
export async function askForFile(
  name: string,
  revision: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  await ask(`${name}/resolve/${encodeURIComponent(revision)}/${path}`, name, signal, 'HEAD');
}

/** `$HF_ENDPOINT` and `$HF_TOKEN` are those of all tools of the hub. */
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
      hint: 'set HF_ENDPOINT to a mirror, or use a local file or folder as the model',
    });
  });
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 429 || response.status >= 500)
    throw new WorkError(`the Hugging Face hub answers ${response.status} for ${path.split('?')[0]}`, {
      hint: 'it limits requests or has a problem: retry later, with HF_TOKEN, which has a higher limit',
    });
  throw refusal(response.status, repository, path, token !== undefined);
}

/** What the hub's answer means, and what to do. It says 401 of what does not exist, too. */
function refusal(status: number, repository: string, path: string, hasToken: boolean): InputError {
  const answer = `the Hugging Face hub answers ${status} for ${path.split('?')[0]}`;
  if (status === 403 || (status === 401 && hasToken))
    return new InputError(
      `${answer}: ${repository} is gated, and HF_TOKEN has no access to it`,
      `accept its terms on https://huggingface.co/${repository} with the account of the token, or use a local folder as the model`,
    );
  if (status === 401)
    return new InputError(
      `${answer}: ${repository} is gated, or does not exist`,
      `check the name; if it is gated, accept its terms on https://huggingface.co/${repository} and set HF_TOKEN`,
    );
  if (status === 404)
    return new InputError(
      `${answer}: no such repository, revision or file`,
      'check the name and the revision; a gated model needs HF_TOKEN',
    );
  return new InputError(answer, 'check the name; a gated model needs HF_TOKEN');
}
