import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { packageRoot } from '../../src/package-root.ts';

/** How the latencies of one server grow with the concurrency, from public rows. */
export interface PublicCurve {
  readonly name: string;
  readonly lowest: number;
  readonly highest: number;
  /** The latency in seconds that this share of requests stays within at a concurrency. */
  quantile(latency: CurveLatency, share: number, concurrency: number): number;
  /** The share of requests within a latency at a concurrency. */
  shareWithin(latency: CurveLatency, limitS: number, concurrency: number): number;
}

export type CurveLatency = 'ttft' | 'tpot';

const positive = z.number().positive();
const rowSchema = z.looseObject({
  conc: z.int().positive(),
  median_ttft: positive,
  p99_ttft: positive,
  median_tpot: positive,
  p99_tpot: positive,
});
type CurveRow = z.infer<typeof rowSchema>;

/** Everything that identifies a server and its requests. */
const names = [
  'hw',
  'framework',
  'precision',
  'spec_decoding',
  'disagg',
  'isl',
  'osl',
  'tp',
  'ep',
  'dp_attention',
  'num_prefill_gpu',
  'num_decode_gpu',
  'prefill_tp',
  'decode_tp',
  'date',
];

/** The curves of at least three concurrencies. */
export async function publicCurves(): Promise<readonly PublicCurve[]> {
  const file = join(packageRoot, '../shared/public-results/agg-rows.json.gz');
  const rows = z.array(z.unknown()).parse(JSON.parse(gunzipSync(await readFile(file)).toString()));
  // Rows without a latency, or with one of 0, describe no distribution.
  const usable = rows.flatMap((row) => rowSchema.safeParse(row).data ?? []);
  return [...Map.groupBy(usable, (row) => names.map((name) => String(row[name])).join(' '))].flatMap(
    ([name, list]) => {
      const byConc = new Map(list.map((row) => [row.conc, row]));
      const sorted = [...byConc.values()].sort((a, b) => a.conc - b.conc);
      return sorted.length < 3 ? [] : [curveOf(name, sorted)];
    },
  );
}

/** Standard normal quantile at 0.99. */
const z99 = 2.3263478740408408;

/**
 * A log-normal latency with the measured median and p99, its parameters interpolated between the measured concurrencies
 * on a logarithmic scale.
 */
function curveOf(name: string, rows: readonly CurveRow[]): PublicCurve {
  const at = (latency: CurveLatency, concurrency: number): { mu: number; sigma: number } => {
    const of = (row: CurveRow | undefined) => {
      if (row === undefined) throw new Error('a curve has rows');
      const [median, p99] =
        latency === 'ttft' ? [row.median_ttft, row.p99_ttft] : [row.median_tpot, row.p99_tpot];
      return { mu: Math.log(median), sigma: Math.max(0.01, Math.log(p99 / median) / z99) };
    };
    const next = rows.findIndex(({ conc }) => conc >= concurrency);
    const upper = rows[next];
    const lower = rows[next - 1];
    if (upper === undefined) return of(rows.at(-1));
    if (lower === undefined) return of(upper);
    const part = Math.log(concurrency / lower.conc) / Math.log(upper.conc / lower.conc);
    const [a, b] = [of(lower), of(upper)];
    return { mu: a.mu + part * (b.mu - a.mu), sigma: a.sigma + part * (b.sigma - a.sigma) };
  };
  return {
    name,
    lowest: rows[0]?.conc ?? 1,
    highest: rows.at(-1)?.conc ?? 1,
    quantile: (latency, share, concurrency) => {
      const { mu, sigma } = at(latency, concurrency);
      return Math.exp(mu + sigma * normalQuantile(share));
    },
    shareWithin: (latency, limitS, concurrency) => {
      const { mu, sigma } = at(latency, concurrency);
      return normalShare((Math.log(limitS) - mu) / sigma);
    },
  };
}

/** The standard normal distribution function, by the series around 0 and a continued fraction beyond. */
function normalShare(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-17; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return Math.min(1, Math.max(0, 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)));
}

/** By bisection of the distribution function. */
function normalQuantile(share: number): number {
  let [low, high] = [-8, 8];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return low;
}
