import { symbolCircle } from 'd3-shape';
import { useMemo } from 'preact/hooks';
import type { OverviewShape } from '../../../../src/server/api.ts';
import { Figure } from '../../charts/figure.tsx';
import { MiniFrontiers } from '../../charts/mini-frontiers.tsx';
import { seriesName, shapeAddress, shapeName } from '../../data/points.ts';
import type { FigureColumn } from '../../parts/figures.ts';
import { plural, shortNumber } from '../../parts/format.ts';
import type { ParamValues } from '../../state/params.ts';
import { hashOf } from '../../state/route.ts';
import { linkTo } from '../../state/use-route.ts';
import { hardwareColour } from '../../theme/hardware-colours.ts';
import { useTheme } from '../../theme/theme.ts';
import { exploreParams } from '../explore/params.ts';
import { Answer } from './answer.tsx';
import type { overviewParams } from './params.ts';
import { criterionOf, levelOf, ranked } from './ranking.ts';
import { RankingBars } from './ranking-bars.tsx';

interface ShapeCardProps {
  readonly shape: OverviewShape;
  readonly values: ParamValues<typeof overviewParams>;
  readonly staleAfterDays: number | undefined;
}

interface FrontierRow {
  readonly hw: string;
  readonly series: string;
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** One model and shape: the answer in words, the ranking, and the frontiers it is read from. */
export function ShapeCard({ shape, values, staleAfterDays }: ShapeCardProps) {
  const { mode } = useTheme();
  const level = levelOf(shape, values.level);
  const criterion = useMemo(() => criterionOf(values.by, values.payer), [values.by, values.payer]);
  const ranking = useMemo(() => (level === undefined ? [] : ranked(level, criterion)), [level, criterion]);
  const lines = useMemo(
    () =>
      shape.frontiers.map(({ hw, points }) => ({
        name: hw,
        look: { colour: hardwareColour(hw, mode), marker: symbolCircle, dash: '' },
        points: points.map((point) => ({ x: point.medianInteractivity, y: point.totalTputPerGpu })),
      })),
    [shape, mode],
  );
  const rows = useMemo(() => rowsOf(shape), [shape]);
  const title = `${shape.modelPrefix}, ${shapeName(shape)}`;
  const explore = linkTo('explore', exploreParams, {
    model: shape.modelPrefix,
    shape: shapeAddress(shape),
    precision: ['all'],
  });
  return (
    <section class="card shape-card" aria-label={title} data-shape={shape.key}>
      <div class="shape-card-text">
        <h2>
          <a href={explore}>{title}</a>
        </h2>
        {level && <Answer level={level} ranking={ranking} criterion={criterion} />}
        {level && (
          <RankingBars
            level={level}
            ranking={ranking}
            criterion={criterion}
            staleAfterDays={staleAfterDays}
          />
        )}
      </div>
      <Figure
        title="Total throughput per GPU against median interactivity"
        headingLevel={3}
        note={`${title}: the best frontier of each hardware over its engines and precisions${leftOut(shape)}`}
        fileName={`${shape.key}_frontiers`}
        columns={columns}
        rows={rows}
        height={() => 270}
        legend={lines.map(({ name, look }) => ({ key: name, name, look }))}
        picture={(size, tokens) => (
          <MiniFrontiers
            lines={lines}
            size={size}
            tokens={tokens}
            xLabel="Median interactivity, tok/s/user"
            yLabel="tok/s/GPU"
            level={level?.medianInteractivity}
          />
        )}
      />
    </section>
  );
}

function leftOut({ withoutFigures }: OverviewShape): string {
  return withoutFigures === 0 ? '' : `; ${plural(withoutFigures, 'point')} without these figures left out`;
}

function rowsOf({ frontiers, series }: OverviewShape): FrontierRow[] {
  return frontiers.flatMap(({ hw, points }) =>
    points.map((point) => {
      const of = series[point.series];
      return {
        hw,
        series: of === undefined ? '' : seriesName(of),
        id: point.id,
        x: point.medianInteractivity,
        y: point.totalTputPerGpu,
      };
    }),
  );
}

const columns: readonly FigureColumn<FrontierRow>[] = [
  {
    key: 'series',
    header: 'Series',
    value: ({ series }) => series,
    href: ({ id }) => hashOf('point', { id }),
  },
  {
    key: 'median_interactivity (tok/s/user)',
    header: 'Median interactivity (tok/s/user)',
    numeric: true,
    value: ({ x }) => x,
  },
  {
    key: 'total_tput_per_gpu (tok/s/GPU)',
    header: 'Total throughput per GPU (tok/s)',
    numeric: true,
    value: ({ y }) => y,
    show: ({ y }) => shortNumber(y),
  },
  { key: 'hw', header: 'Hardware', value: ({ hw }) => hw },
  { key: 'id', header: 'Id', value: ({ id }) => id, show: ({ id }) => id.slice(0, 12) },
];
