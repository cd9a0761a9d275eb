import type { ClientReport } from './clients.ts';
import type { ServerTruth } from './mock-server.ts';

/** A client's run, and what the server knows about it. */
export interface MeasuredClient {
  readonly report: ClientReport;
  readonly truth: ServerTruth;
  /** Requests per second if every reply took exactly the server's configured times; undefined if unthrottled. */
  readonly idealRate: number | undefined;
}

export const figures = {
  'chunks/s': ({ report }: MeasuredClient) => report.chunks / report.durationS,
  'share of ideal rate %': ({ report, idealRate }: MeasuredClient) =>
    idealRate === undefined ? Number.NaN : (100 * report.completed) / report.durationS / idealRate,
  'peak in flight': ({ truth }: MeasuredClient) => truth.peak_inflight,
  'TTFT p50 error ms': ({ report, truth }: MeasuredClient) => report.ttftP50Ms - truth.ttft.p50,
  'TTFT p99 error ms': ({ report, truth }: MeasuredClient) => report.ttftP99Ms - truth.ttft.p99,
  'TPOT p99 error ms': ({ report, truth }: MeasuredClient) => report.tpotP99Ms - truth.tpot.p99,
  'gap p99 excess ms': ({ report, truth }: MeasuredClient) => (report.gapP99Ms ?? Number.NaN) - truth.gap.p99,
  'CPU-s per 1,000 requests': ({ report }: MeasuredClient) => (1000 * report.cpuS) / report.completed,
  'memory MB': ({ report }: MeasuredClient) => report.maxRssMb,
} as const;

export type Figure = keyof typeof figures;

interface Target {
  readonly scenario: string;
  readonly figure: Figure;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** The bound is a multiple of this peer's value in the same run. */
  readonly timesPeer?: string;
}

/** The targets of the load generator, by scenario. */
export const targets: readonly Target[] = [
  { scenario: 'unthrottled', figure: 'chunks/s', atLeast: 800_000 },
  { scenario: 'unthrottled', figure: 'chunks/s', atLeast: 0.45, timesPeer: 'go' },
  { scenario: 'unthrottled', figure: 'chunks/s', atLeast: 4, timesPeer: 'aiohttp' },
  { scenario: 'unthrottled', figure: 'chunks/s', atLeast: 35, timesPeer: 'aiperf' },
  { scenario: 'paced 1024', figure: 'CPU-s per 1,000 requests', atMost: 2, timesPeer: 'go' },
  { scenario: 'paced 1024', figure: 'CPU-s per 1,000 requests', atMost: 0.2, timesPeer: 'aiperf' },
  { scenario: 'paced 1024', figure: 'share of ideal rate %', atLeast: 97 },
  { scenario: 'paced 1024', figure: 'peak in flight', atLeast: 1024 },
  { scenario: 'paced 256', figure: 'TTFT p50 error ms', atMost: 2 },
  { scenario: 'paced 1024', figure: 'TTFT p50 error ms', atMost: 10 },
  { scenario: 'paced 256', figure: 'TTFT p99 error ms', atMost: 10 },
  { scenario: 'paced 1024', figure: 'TTFT p99 error ms', atMost: 30 },
  { scenario: 'paced 1024', figure: 'TPOT p99 error ms', atMost: 0.2 },
  { scenario: 'paced 1024', figure: 'gap p99 excess ms', atMost: 6 },
  { scenario: 'paced 1024', figure: 'memory MB', atMost: 150 },
  { scenario: 'conversations 1024', figure: 'share of ideal rate %', atLeast: 98 },
  { scenario: 'conversations 1024', figure: 'CPU-s per 1,000 requests', atMost: 0.2, timesPeer: 'aiperf' },
  { scenario: '10240 streams', figure: 'peak in flight', atLeast: 10_240 },
];

/** One line per target: the bound, the measured value, pass or miss; `skipped` if a peer is missing. */
export function judge(results: ReadonlyMap<string, ReadonlyMap<string, MeasuredClient>>): string[] {
  return targets.flatMap(({ scenario, figure, atMost, atLeast, timesPeer }) => {
    const clients = results.get(scenario);
    const ours = clients?.get('ours');
    if (ours === undefined) return [];
    const peer = timesPeer === undefined ? undefined : clients?.get(timesPeer);
    const sign = atMost === undefined ? '≥' : '≤';
    const bound = atMost ?? atLeast ?? 0;
    const asked = `${scenario}: ${figure} ${sign} ${bound}${timesPeer === undefined ? '' : ` × ${timesPeer}`}`;
    if (timesPeer !== undefined && peer === undefined)
      return [`skipped  ${asked} (${timesPeer} is not here)`];
    const value = figures[figure](ours) / (peer === undefined ? 1 : figures[figure](peer));
    const passed = atMost === undefined ? value >= bound : value <= bound;
    return [`${passed ? 'pass   ' : 'MISS   '}  ${asked}: ${round(value)}`];
  });
}

/** All values of all clients of a scenario, one line per client. */
export function table(clients: ReadonlyMap<string, MeasuredClient>): string {
  const names = Object.keys(figures);
  const rows = [...clients].map(([name, measured]) => [
    name.padEnd(10),
    ...Object.values(figures).map((figure, index) =>
      round(figure(measured)).padStart(names[index]?.length ?? 0),
    ),
  ]);
  return [[' '.repeat(10), ...names], ...rows].map((row) => row.join('  ')).join('\n');
}

export function round(value: number): string {
  if (Number.isNaN(value)) return '-';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}
