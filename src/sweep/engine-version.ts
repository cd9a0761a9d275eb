import { z } from 'zod';
import { bodyWithin } from '../bounded-read.ts';
import type { Engine } from '../engines/index.ts';

const answerWithinMs = 5_000;
const answerBytes = 1_000_000;

/** The version that a running server reports; undefined if it does not report one. */
export async function versionOf(
  { version }: Pick<Engine, 'version'>,
  baseUrl: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (version === undefined) return undefined;
  try {
    const response = await fetch(`${baseUrl}${version.path}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
    });
    if (!response.ok) return undefined;
    const said = z.record(z.string(), z.unknown()).parse(JSON.parse(await bodyWithin(response, answerBytes)))[
      version.field
    ];
    return typeof said === 'string' ? said : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
