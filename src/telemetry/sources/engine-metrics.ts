import { bodyWithin, TooLong } from '../../bounded-read.ts';
import { type Reading, readingsOf, type TelemetrySource } from '../source.ts';

/** The engine's own figures, in Prometheus' text format, fetched from where the load generator asks it. */
export const engineMetrics: TelemetrySource = {
  name: 'engine',
  subject: 'engine',
  // Answering takes milliseconds of the loop that also sends the tokens.
  intervalS: 2,
  open: ({ metrics }) => {
    if (metrics === undefined) return undefined;
    const { url, names } = metrics;
    return async (timeoutMs) => {
      const text = await fetchText(url, timeoutMs);
      const readings: Reading[] = readingsOf(
        'engine',
        Object.fromEntries(
          Object.entries(names).map(([quantity, name]) => [quantity, metricValue(text, name, quantity)]),
        ),
      );
      if (readings.length === 0) throw new Error(`${url} has none of ${Object.values(names).join(', ')}`);
      return readings;
    };
  },
};

/** Engines with hundreds of histograms and ranks answer with a few MB. */
const maxBytes = 32 * 1024 * 1024;

async function fetchText(url: string, timeoutMs: number): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${url} answers ${response.status}`);
  }
  try {
    return await bodyWithin(response, maxBytes);
  } catch (error) {
    if (error instanceof TooLong) throw new Error(`the answer of ${url} ${error.message}`);
    throw error;
  }
}

/**
 * A metric's value over all its label sets (the data-parallel ranks of an engine): the sum, but for a share of a cache,
 * which is the highest of them (as is a share of accepted tokens). Undefined where the text has no such metric.
 */
function metricValue(text: string, name: string, quantity: string): number | undefined {
  const values: number[] = [];
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (at > 0 && text[at - 1] !== '\n') continue;
    const end = text.indexOf('\n', at);
    const rest = text.slice(at + name.length, end === -1 ? undefined : end);
    // `{labels} value timestamp?`; a label's value may hold any character but an unescaped quote.
    const value = /^(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?\s+(\S+)/.exec(rest)?.[1];
    if (value !== undefined && Number.isFinite(Number(value))) values.push(Number(value));
  }
  if (values.length === 0) return undefined;
  return quantity === 'kvCacheUsage' || quantity === 'specAcceptance'
    ? Math.max(...values)
    : values.reduce((sum, value) => sum + value, 0);
}
