import { Figure } from '../../charts/figure.tsx';
import { RangePicture, rangeRowHeight } from '../../charts/range-picture.tsx';
import { seriesName } from '../../data/points.ts';
import type { FigureColumn } from '../../parts/figures.ts';
import { shortNumber, usd } from '../../parts/format.ts';
import { hashOf } from '../../state/route.ts';
import { hardwareColour } from '../../theme/hardware-colours.ts';
import { useTheme } from '../../theme/theme.ts';
import type { CostAnswer, CostRanking } from './cost-ranking.ts';
import type { CostValues } from './params.ts';
import type { Priced } from './prices.ts';

interface CostFigureProps {
  readonly ranking: CostRanking;
  readonly target: number;
  readonly values: CostValues;
  readonly prices: ReadonlyMap<string, Priced>;
  readonly shapeKey: string;
}

export function CostFigure({ ranking, target, values, prices, shapeKey }: CostFigureProps) {
  const { mode } = useTheme();
  const of = values.tokens === 'total' ? '' : `${values.tokens} `;
  const tall = ranking.answers.length * rangeRowHeight + 52;
  return (
    <Figure
      title={`Cost per million ${of}tokens at ${target} tok/s per user`}
      note="Whiskers: the two measured points that the speed lies between, with the 95 % intervals of their throughputs. Every GPU of a disaggregated point is paid for."
      fileName={`${shapeKey}_cost_${values.tokens}_${target}`}
      columns={columnsOf(prices)}
      rows={ranking.answers}
      idOf={({ hw }) => hw}
      height={() => tall}
      picture={(size, tokens) => (
        <RangePicture
          rows={ranking.answers.map((answer) => ({
            key: answer.hw,
            name: isSuspect(answer) ? `${answer.hw} (suspect)` : answer.hw,
            value: answer.usd,
            range: answer.range,
            colour: hardwareColour(answer.hw, mode),
          }))}
          size={{ ...size, height: tall }}
          tokens={tokens}
          kind="bar"
          label={`$ per million ${of}tokens, lower is better`}
          format={usd}
        />
      )}
    />
  );
}

/** A figure is as good as the worst measurement that it rests on. */
function isSuspect({ points }: CostAnswer): boolean {
  return points.some(({ verdict }) => verdict === 'suspect');
}

function columnsOf(prices: ReadonlyMap<string, Priced>): readonly FigureColumn<CostAnswer>[] {
  return [
    {
      key: 'hw',
      header: 'Hardware',
      value: ({ hw }) => hw,
      href: ({ points }) => points[0] && hashOf('point', { id: points[0].id }),
    },
    {
      key: 'usd_per_million',
      header: '$ per million',
      numeric: true,
      value: (row) => row.usd,
      show: (row) => usd(row.usd),
    },
    {
      key: 'low',
      header: 'At least',
      numeric: true,
      value: ({ range }) => range?.[0] ?? null,
      show: ({ range }) => usd(range?.[0]),
    },
    {
      key: 'high',
      header: 'At most',
      numeric: true,
      value: ({ range }) => range?.[1] ?? null,
      show: ({ range }) => usd(range?.[1]),
    },
    {
      key: 'usd_per_gpu_hour',
      header: '$ per GPU-hour',
      numeric: true,
      value: ({ hw }) => prices.get(hw)?.price?.usdPerGpuHour ?? null,
    },
    {
      key: 'tput_per_gpu',
      header: 'tok/s over every GPU',
      numeric: true,
      value: ({ tputPerGpu }) => tputPerGpu,
      show: ({ tputPerGpu }) => shortNumber(tputPerGpu),
    },
    {
      key: 'verdict',
      header: 'Verdict',
      value: (row) => (isSuspect(row) ? 'suspect' : 'valid'),
    },
    {
      key: 'basis',
      header: 'Rests on',
      value: ({ points }) =>
        points
          .map(({ series, layout, conc }) => `${seriesName(series)}, ${layout}, concurrency ${conc}`)
          .join('; '),
      wide: true,
    },
  ];
}
