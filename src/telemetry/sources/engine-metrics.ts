import { type Quantity, type Reading, readingsOf, type TelemetrySource } from '../source.ts';

/** Where an engine publishes its figures, and its names for ours. */
export interface MetricNames {
  readonly url: string;
  readonly names: Partial<Readonly<Record<EngineQuantity, string>>>;
}

/** What engines publish. */
export type EngineQuantity = Extract<
  Quantity,
  | 'running'
  | 'waiting'
  | 'kvCacheUsage'
  | 'promptTokens'
  | 'generationTokens'
  | 'preemptions'
  | 'specDraftedTokens'
  | 'specAcceptedTokens'
  | 'specAcceptance'
>;

/** The engine's own figures, in Prometheus' text format. */
export function engineMetrics({ url, names }: MetricNames): TelemetrySource {
  return {
    name: 'engine',
    subject: 'engine',
    // Answering takes milliseconds of the loop that also sends the tokens.
    intervalS: 2,
    read: async (probe, signal) => {
      const text = await probe.fetchText(url, signal);
      const readings: Reading[] = readingsOf(
        'engine',
        Object.fromEntries(
          Object.entries(names).map(([quantity, name]) => [quantity, metricValue(text, name, quantity)]),
        ),
      );
      if (readings.length === 0) throw new Error(`${url} has none of ${Object.values(names).join(', ')}`);
      return readings;
    },
  };
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
