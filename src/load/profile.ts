import { ask } from './http/ask.ts';
import { redactorFor } from './http/redact.ts';
import { LoadError } from './load-error.ts';
import type { LoadTest } from './load-test.ts';

/** Writing a profile takes a server minutes. */
const stopTimeoutMs = 600_000;
const startTimeoutMs = 60_000;

/** A server that profiles itself. */
export interface Profile {
  /** Ends it, once; resolves to why it could not be ended. */
  stop(): Promise<string | undefined>;
}

/**
 * Has the server profile itself from now on, as vLLM and SGLang do between `/start_profile` and `/stop_profile`; does
 * nothing for a test that does not ask for it. Throws LoadError `unsupported`.
 */
export async function startProfile(test: LoadTest, signal: AbortSignal): Promise<Profile> {
  if (test.profile !== true) return { stop: async () => undefined };
  const patience = AbortSignal.any([signal, AbortSignal.timeout(startTimeoutMs)]);
  const problem = await tell(test, '/start_profile', patience);
  if (problem !== undefined) {
    throw new LoadError('unsupported', `the server's profiler does not start: ${problem}`, {
      hint: 'start the server with its profiler configured, or measure without --profile',
    });
  }
  let stopped: Promise<string | undefined> | undefined;
  return {
    // Also after an interruption: a server that goes on profiling fills its disk.
    stop: () => (stopped ??= tell(test, '/stop_profile', AbortSignal.timeout(stopTimeoutMs))),
  };
}

/** Resolves to what went wrong. */
async function tell(test: LoadTest, path: string, signal: AbortSignal): Promise<string | undefined> {
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
