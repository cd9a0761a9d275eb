import { bodyWithin, TooLong } from '../../bounded-read.ts';
import type { MetricsPlace } from './metric-names.ts';

/** Engines with hundreds of histograms and ranks return a few MB. */
const maxBytes = 32 * 1024 * 1024;

/** Metrics that need no credentials, such as those of an engine that we started. */
export function metricsAt(url: string): MetricsPlace {
  return { url, read: async (timeoutMs) => await fetchText(url, timeoutMs) };
}

async function fetchText(url: string, timeoutMs: number): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${url} answers ${response.status}`);
  }
  try {
    return await bodyWithin(response, maxBytes);
  } catch (error) {
    if (error instanceof TooLong) throw new Error(`the response of ${url} ${error.message}`);
    throw error;
  }
}
