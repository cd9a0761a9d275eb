import { z } from 'zod';
import { bodyWithin } from '../bounded-read.ts';
import { InputError, messageOf, WorkError } from '../errors.ts';

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });
const answerWithinMs = 10_000;
const listBytes = 1_000_000;

/**
 * Checks that a server serves a model. Throws WorkError if it does not answer, and InputError if it lists
 * models but not this one.
 */
export async function servedBy(server: string, model: string, signal: AbortSignal): Promise<void> {
  const names = await modelsOf(server, signal);
  if (names === undefined || names.includes(model)) return;
  throw new InputError(
    `the server at ${server} does not serve model '${model}'`,
    `it serves ${names.join(', ')}: use that name as the config's model`,
    { code: 'model-unavailable' },
  );
}

/** The models that a server lists; undefined if it has no list. Throws WorkError if it does not answer. */
export async function modelsOf(server: string, signal: AbortSignal): Promise<string[] | undefined> {
  const timeout = AbortSignal.timeout(answerWithinMs);
  const response = await fetch(`${server}/v1/models`, { signal: AbortSignal.any([signal, timeout]) }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new WorkError(`nothing answers at ${server}: ${messageOf(cause)}`, {
        code: 'cannot-connect',
        hint: 'start the server first: an image url:… is an external server',
      });
    },
  );
  const text = await bodyWithin(response, listBytes).catch(() => '');
  const list = modelList.safeParse(parsed(text));
  // Some servers do not have the list.
  return response.ok && list.success ? list.data.data.map(({ id }) => id) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
