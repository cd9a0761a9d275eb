import type { Shape } from '../../../../src/server/api.ts';
import { Figure } from '../../charts/figure.tsx';
import { RangePicture, rangeRowHeight } from '../../charts/range-picture.tsx';
import { intervalRange } from '../../charts/row-range.ts';
import { inDevices } from '../../data/device.ts';
import { metricOf, shapeName } from '../../data/points.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { day, percent, shortNumber } from '../../parts/format.ts';
import { hashOf } from '../../state/route.ts';
import { hardwareColour } from '../../theme/hardware-colours.ts';
import { useTheme } from '../../theme/theme.ts';
import type { ScoredConfiguration } from './scores.ts';

interface ScoresFigureProps {
  readonly scores: readonly ScoredConfiguration[];
  readonly model: string;
  readonly task: string;
  readonly shape: Shape | undefined;
}

/** The newest score of each evaluated configuration, with its speed. */
export function ScoresFigure({ scores, model, task, shape }: ScoresFigureProps) {
  const { mode } = useTheme();
  const metric = scores[0]?.eval.metric ?? 'score';
  const columns = columnsOf(
    shape,
    scores.map(({ eval: { hw } }) => hw),
  );
  const tall = scores.length * rangeRowHeight + 52;
  const isShare = scores.every(({ eval: { score } }) => score >= 0 && score <= 1);
  return (
    <>
      <Figure
        topic="accuracy"
        title={`${task}, ${metric}`}
        note={`${model}, the newest score of each configuration; whiskers are Wilson ${percent(0.95)} intervals`}
        fileName={`accuracy_${task}`.replaceAll(/[^\w-]/g, '_')}
        columns={columns}
        rows={scores}
        height={() => tall}
        picture={(size, tokens) => (
          <RangePicture
            rows={scores.map(({ key, name, eval: { hw, score }, interval }) => ({
              key,
              name,
              value: score,
              range: intervalRange(interval),
              colour: hardwareColour(hw, mode),
            }))}
            size={{ ...size, height: tall }}
            tokens={tokens}
            kind="dot"
            limits={isShare ? [0, 1] : undefined}
            label={`${metric}, higher is better`}
            format={isShare ? (value) => percent(value) : shortNumber}
          />
        )}
      />
      <section class="card">
        <h2>Scores and speed</h2>
        <p class="quiet">
          {shape === undefined
            ? 'The store has no throughput of this model.'
            : `The speed is that of the best current point with the same hardware, engine, precision and concurrency at ${shapeName(shape)}.`}
        </p>
        <DataTable
          caption="Scores and speed"
          columns={columns}
          rows={scores}
          pageSize={20}
          idOf={({ key }) => key}
        />
      </section>
    </>
  );
}

function columnsOf(
  shape: Shape | undefined,
  hardware: readonly string[],
): readonly FigureColumn<ScoredConfiguration>[] {
  const speed: readonly FigureColumn<ScoredConfiguration>[] = [
    {
      key: 'total_tput_per_gpu',
      header: inDevices('Total tok/s/GPU', hardware),
      numeric: true,
      value: ({ speed: point }) => point && metricOf(point, 'totalTputPerGpu'),
      href: ({ speed: point }) => point?.id && hashOf('point', { id: point.id }),
    },
    {
      key: 'median_interactivity',
      header: 'Median tok/s/user',
      numeric: true,
      value: ({ speed: point }) => point && metricOf(point, 'medianInteractivity'),
    },
  ];
  return [
    { key: 'what', header: 'Configuration', value: ({ name }) => name },
    {
      key: 'score',
      header: 'Score',
      numeric: true,
      value: ({ eval: { score } }) => score,
      show: ({ eval: { score } }) => score.toFixed(4),
    },
    {
      key: 'standard_error',
      header: '± s.e.',
      numeric: true,
      value: ({ eval: { standardError } }) => standardError,
      show: ({ eval: { standardError } }) => standardError?.toFixed(4) ?? '–',
    },
    { key: 'samples', header: 'Samples', numeric: true, value: ({ eval: { samples } }) => samples },
    ...(shape === undefined ? [] : speed),
    {
      key: 'measured_at',
      header: 'Evaluated',
      value: ({ eval: { measuredAt } }) => measuredAt,
      show: ({ eval: { measuredAt } }) => day(measuredAt),
    },
    {
      key: 'source',
      header: 'Source',
      value: ({ eval: one }) => one.source ?? one.runId ?? null,
      show: ({ eval: one }) => one.runId ?? (one.source === null ? '–' : 'imported'),
    },
  ];
}
