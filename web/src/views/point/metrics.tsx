import { metricNames } from '../../../../src/derived/metrics.ts';
import type { PointDocument } from '../../../../src/server/api.ts';
import { inDevices } from '../../data/device.ts';
import { perGpuOfRole } from '../../data/role-throughput.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { decimals, percent, shortNumber } from '../../parts/format.ts';

interface MetricRow {
  readonly name: string;
  readonly hw: string;
  /** The unit of a throughput of one role. */
  readonly unit: string | undefined;
  /** null if unknown. */
  readonly value: number | null;
  readonly interval: readonly [number, number] | undefined;
}

const columns: readonly FigureColumn<MetricRow>[] = [
  {
    key: 'metric',
    header: 'Metric',
    value: ({ name }) => name,
    show: ({ name, hw, unit }) => inDevices(wordsOf(name, unit), [hw]),
  },
  {
    key: 'value',
    header: 'Value',
    numeric: true,
    value: ({ value }) => value,
    show: ({ value }) => (value === null ? 'not known' : shortNumber(value)),
  },
  {
    key: 'interval',
    header: `${percent(0.95)} interval`,
    numeric: true,
    value: ({ interval }) => interval?.join(' ') ?? null,
    show: ({ interval }) => (interval ? `${shortNumber(interval[0])}–${shortNumber(interval[1])}` : '–'),
  },
];

/** Every figure of the point. */
export function Metrics({ point }: { readonly point: PointDocument }) {
  const { published } = point;
  if (published === null) return null;
  const rows = metricNames.flatMap((name) => {
    const value = published.metrics[name] ?? null;
    if (value === null && !published.unknown.includes(name)) return [];
    return {
      name,
      hw: published.series.hw,
      unit: perGpuOfRole(name, published),
      value,
      interval: published.intervals[name],
    };
  });
  const tokensPerGap = tokensPerGapOf(published.metrics);
  return (
    <section class="card">
      <h2>Every figure</h2>
      <DataTable
        caption="Every figure of this point"
        columns={rows.some(({ interval }) => interval !== undefined) ? columns : columns.slice(0, -1)}
        rows={rows}
      />
      {published.limits !== null && (
        <p class="quiet" data-limits={published.limits}>
          Goodput and SLO attainment count the requests within {published.limits} (ms).
        </p>
      )}
      {tokensPerGap !== undefined && (
        <p class="quiet" data-tokens-per-gap={tokensPerGap}>
          The server sent about {decimals(tokensPerGap, 0)} tokens at a time: ITL is the time between two
          messages, TPOT the time per token.
        </p>
      )}
    </section>
  );
}

type Figures = NonNullable<PointDocument['published']>['metrics'];

/** ITL is close to TPOT if each message has one token; a ratio this large means several. */
const severalTokens = 2;

function tokensPerGapOf({ medianItlMs, medianTpotMs }: Figures): number | undefined {
  if (medianItlMs === undefined || medianTpotMs === undefined || medianTpotMs === 0) return undefined;
  const tokens = medianItlMs / medianTpotMs;
  return tokens >= severalTokens ? tokens : undefined;
}

/** `p99TtftMs` as `p99 TTFT (ms)`. */
function wordsOf(name: string, unit = 'tok/s/GPU'): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/ (ttft|tpot|itl|e2el)\b/, (word) => word.toUpperCase())
    .replace('tput per gpu', `throughput (${unit})`)
    .replace('interactivity', 'interactivity (tok/s/user)')
    .replace(/ ms$/, ' (ms)')
    .replace('power per gpu w', 'power per GPU (W)')
    .replace('host power w', 'measured power of the whole machines (W)')
    .replace('energy per request j', 'GPU energy per request (J)')
    .replace('goodput per gpu', 'goodput (req/s/GPU)')
    .replace('slo attainment', 'SLO attainment (share of requests)');
  return words.charAt(0) === 'p' ? words : words.charAt(0).toUpperCase() + words.slice(1);
}
