import { ask } from '../http/ask.ts';
import { redactorFor } from '../http/redact.ts';
import { LoadError } from '../load-error.ts';
import { eachServerOf, type LoadTest } from '../load-test.ts';

const resetTimeoutMs = 60_000;
const notFound: readonly number[] = [404, 405, 501];

/** The outcome, for the result: whether the cache was emptied, and why not if the server refused. */
export interface CacheResetOutcome {
  readonly isDone: boolean;
  readonly note?: string;
}

/**
 * Asks the server to empty its prefix cache, if the test wants that. Throws LoadError `unsupported` if it is required
 * and the server does not do it.
 */
export async function resetPrefixCache(
  test: LoadTest,
  signal: AbortSignal,
): Promise<CacheResetOutcome | undefined> {
  const { cacheReset: wanted } = test;
  if (wanted === undefined) return undefined;
  const refusals: string[] = [];
  for (const path of wanted.paths) {
    const refusal = await refusalOf(test, path, signal);
    if (refusal === undefined) return { isDone: true };
    if (refusal !== 'not found') refusals.push(refusal);
  }
  const [refusal] = refusals;
  if (wanted.required && !signal.aborted) {
    throw new LoadError(
      'unsupported',
      `the server does not empty its prefix cache: ${refusal ?? `it has none of ${wanted.paths.join(', ')}`}`,
      { hint: 'start vLLM with VLLM_SERVER_DEV_MODE=1, or measure without --reset-cache' },
    );
  }
  return refusal === undefined
    ? { isDone: false }
    : { isDone: false, note: `the server's prefix cache was not emptied before the test: ${refusal}` };
}

/** Why a server did not empty its cache; undefined if all did. */
async function refusalOf(test: LoadTest, path: string, signal: AbortSignal): Promise<string | undefined> {
  const refusals = await Promise.all(eachServerOf(test).map((server) => refusalOfOne(server, path, signal)));
  return refusals.find((refusal) => refusal !== undefined);
}

async function refusalOfOne(
  test: Omit<LoadTest, 'otherBaseUrls'>,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(resetTimeoutMs)]);
    const { status, text } = await ask(test, { path, method: 'POST', signal: patience });
    if (status < 300) return undefined;
    if (notFound.includes(status)) return 'not found';
    return redactorFor(test)(`${path} got status ${status} ${text.slice(0, 200)}`.trim());
  } catch (error) {
    if (error instanceof LoadError) throw error;
    return `${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
