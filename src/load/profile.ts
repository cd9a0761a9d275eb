import { ask } from './http/ask.ts';
import { redactorFor } from './http/redact.ts';
import { LoadError } from './load-error.ts';
import { eachServerOf, type LoadTest } from './load-test.ts';

/** Servers take minutes to write a profile. */
const stopTimeoutMs = 600_000;
const startTimeoutMs = 60_000;

/** A running profile of the server. */
export interface Profile {
  /** Called when the clock starts; with `profileS`, the profiler stops that many seconds later, while requests continue. */
  measuring(): void;
  /** Stops the profiler, once; resolves to an error message if that fails. */
  stop(): Promise<string | undefined>;
}

/**
 * Starts the server's profiler with `/start_profile`, and stops it later with `/stop_profile`, as vLLM and SGLang
 * expect. Does nothing if the test does not ask for a profile. Throws LoadError `unsupported`.
 */
export async function startProfile(test: LoadTest, signal: AbortSignal): Promise<Profile> {
  if (test.profile !== true) return { measuring: () => {}, stop: async () => undefined };
  const patience = AbortSignal.any([signal, AbortSignal.timeout(startTimeoutMs)]);
  const problem = await tell(test, '/start_profile', patience);
  if (problem !== undefined) {
    throw new LoadError('unsupported', `the server's profiler does not start: ${problem}`, {
      hint: 'start the server with its profiler configured, or measure without --profile',
    });
  }
  let stopped: Promise<string | undefined> | undefined;
  let timer: NodeJS.Timeout | undefined;
  // Stop it after an interruption as well: a server that keeps profiling fills its disk.
  const stop = async (): Promise<string | undefined> => {
    clearTimeout(timer);
    stopped ??= tell(test, '/stop_profile', AbortSignal.timeout(stopTimeoutMs));
    return await stopped;
  };
  const { profileS } = test;
  return {
    measuring: () => {
      // `tell` rejects only if the test itself cannot be sent; the caller of `stop` gets that error.
      if (profileS !== undefined) timer = setTimeout(() => void stop().catch(() => {}), 1000 * profileS);
    },
    stop,
  };
}

/** Tells all servers. Resolves to an error message, or to undefined on success. */
async function tell(test: LoadTest, path: string, signal: AbortSignal): Promise<string | undefined> {
  const problems = await Promise.all(eachServerOf(test).map((server) => tellOne(server, path, signal)));
  return problems.find((problem) => problem !== undefined);
}

async function tellOne(
  test: Omit<LoadTest, 'otherBaseUrls'>,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { status, text } = await ask(test, { path, method: 'POST', signal });
    return status < 300
      ? undefined
      : redactorFor(test)(`${path} got status ${status} ${text.slice(0, 200)}`.trim());
  } catch (error) {
    if (error instanceof LoadError) throw error;
    return `${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
