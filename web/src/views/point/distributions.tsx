import type { PointDocument } from '../../../../src/server/api.ts';
import { Figure } from '../../charts/figure.tsx';
import { HistogramPicture, histogramSteps } from '../../charts/histogram-picture.tsx';
import type { FigureColumn } from '../../parts/figures.ts';

type Name = keyof PointDocument['distributions'];

const known: readonly (readonly [Name, title: string, metric: string])[] = [
  ['ttft', 'Time to first token', 'Ttft'],
  ['tpot', 'Time per output token', 'Tpot'],
  ['itl', 'Gaps between tokens', 'Itl'],
  ['chunk_gap', 'Gaps between chunks', ''],
  ['e2el', 'End-to-end latency', 'E2el'],
];

interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const columns: readonly FigureColumn<Bin>[] = [
  { key: 'from_ms', header: 'From (ms)', numeric: true, value: ({ from }) => from },
  { key: 'to_ms', header: 'Below (ms)', numeric: true, value: ({ to }) => to },
  { key: 'count', header: 'Samples', numeric: true, value: ({ count }) => count },
];

/** How the times of this point's requests and tokens are spread. */
export function Distributions({ point }: { readonly point: PointDocument }) {
  const metrics: Readonly<Record<string, number>> = point.published?.metrics ?? {};
  const there = known.flatMap(([name, title, metric]) => {
    const distribution = point.distributions[name];
    return distribution === undefined ? [] : [{ name, title, metric, distribution }];
  });
  if (there.length === 0) return null;
  return (
    <div class="grid">
      {there.map(({ name, title, metric, distribution: { edgesMs, counts } }) => {
        const marks = (['median', 'p99'] as const).flatMap((statistic) => {
          const value = metrics[`${statistic}${metric}Ms`];
          return value === undefined ? [] : [{ name: statistic, value }];
        });
        const histogram = { edges: edgesMs, counts, marks, unit: 'ms' };
        const rows = counts.map((count, index) => ({
          from: edgesMs[index] ?? 0,
          to: edgesMs[index + 1] ?? 0,
          count,
        }));
        const total = counts.reduce((sum, count) => sum + count, 0);
        return (
          <Figure
            topic="latency"
            key={name}
            title={title}
            note={`${total.toLocaleString('en')} samples`}
            headingLevel={2}
            fileName={`${point.id.slice(0, 12)}_${name}`}
            columns={columns}
            rows={rows}
            height={() => 230}
            steps={(size) => histogramSteps(histogram, size)}
            picture={(size, tokens) => (
              <HistogramPicture
                histogram={histogram}
                size={size}
                tokens={tokens}
                colour={tokens.accent}
                xLabel={`${title}, ms`}
              />
            )}
          />
        );
      })}
    </div>
  );
}
