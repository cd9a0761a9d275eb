import { millionTokensPerUsd } from '../../../../src/derived/cost.ts';
import { Figure } from '../../charts/figure.tsx';
import { RangePicture, rangeRowHeight } from '../../charts/range-picture.tsx';
import { rangeNote } from '../../charts/row-range.ts';
import { arrivalWords } from '../../data/arrival-words.ts';
import {
  accuracyWords,
  modelled,
  modelledNote,
  scoredElsewhere,
  standingWords,
} from '../../data/decision-words.ts';
import { deviceOf } from '../../data/device.ts';
import type { Names } from '../../data/names.ts';
import { serverWords } from '../../data/server-words.ts';
import type { Decided } from '../../data/use-decision.ts';
import type { FigureColumn } from '../../parts/figures.ts';
import { day, quantity, shortNumber, usd, usdTo } from '../../parts/format.ts';
import { hashOf } from '../../state/route.ts';
import { hardwareColour } from '../../theme/hardware-colours.ts';
import { useTheme } from '../../theme/theme.ts';
import type { CostRow } from './cost-rows.ts';
import type { CostValues } from './params.ts';

interface CostFigureProps {
  readonly rows: readonly CostRow[];
  readonly decided: Decided;
  readonly names: Names;
  readonly values: CostValues;
}

export function CostFigure({ rows, decided, names, values }: CostFigureProps) {
  const { mode } = useTheme();
  const { speed, basis } = decided;
  const of = values.tokens === 'total' ? '' : `${values.tokens} `;
  const tall = rows.length * rangeRowHeight + 52;
  const name = ({ row }: CostRow) => {
    const mark = row.verdict === 'suspect' ? ' (suspect)' : '';
    return `${names.hardware(row.answer.hw)}, ${row.points[0]?.precision.toUpperCase()}${mark}`;
  };
  return (
    <Figure
      topic="derived"
      title={`Cost per million ${of}tokens at ${quantity(shortNumber(speed), 'tok/s')} per user`}
      note={`The axis is logarithmic: equal distances are equal ratios. All GPUs of a disaggregated server are paid for.${rangeNote(rows)}${modelledNote(rows.map(({ row }) => row.answer))}`}
      fileName={`${basis.shape.key}_cost_${values.tokens}_${speed}`}
      columns={columnsOf(names, values.ttftof)}
      rows={rows}
      idOf={({ row }) => row.answer.hw}
      height={() => tall}
      picture={(size, tokens) => (
        <RangePicture
          rows={rows.map((one) => ({
            key: one.row.answer.hw,
            name: name(one),
            value: one.usd,
            text: modelled(one.row.answer, one.usd, usdTo),
            range: one.range,
            colour: hardwareColour(one.row.answer.hw, mode),
          }))}
          size={{ ...size, height: tall }}
          tokens={tokens}
          kind="dot"
          log
          label={`$ per million ${of}tokens, lower is better`}
          format={usd}
        />
      )}
    />
  );
}

function columnsOf(names: Names, statistic: CostValues['ttftof']): readonly FigureColumn<CostRow>[] {
  const number = (
    key: string,
    header: string,
    value: (one: CostRow) => number | null,
    show: (value: number | null) => string = (value) => (value === null ? '–' : shortNumber(value)),
  ): FigureColumn<CostRow> => ({
    key,
    header,
    value,
    numeric: true,
    show: (one) => show(value(one)),
  });
  /** A figure that is interpolated if the answer is. */
  const ofAnswer = (
    key: string,
    header: string,
    value: (one: CostRow) => number | null,
    show: (value: number, digits?: number) => string,
  ): FigureColumn<CostRow> => ({
    ...number(key, header, value),
    show: (one) => {
      const figure = value(one);
      return figure === null ? '–' : modelled(one.row.answer, figure, show);
    },
  });
  return [
    {
      key: 'hw',
      header: 'Hardware',
      value: ({ row }) => names.hardware(row.answer.hw),
      href: ({ row }) => row.points[0] && hashOf('point', { id: row.points[0].id }),
    },
    ofAnswer('usd_per_million', '$ per million', ({ usd: value }) => value, usdTo),
    ofAnswer(
      'mtok_per_usd',
      'Million tokens per $',
      ({ usd: value }) => millionTokensPerUsd(value),
      shortNumber,
    ),
    number('low', 'Lowest', ({ range }) => range?.of[0] ?? null, usd),
    number('high', 'Highest', ({ range }) => range?.of[1] ?? null, usd),
    number('usd_per_gpu_hour', '$ per GPU-hour', ({ price }) => price.usdPerGpuHour),
    ofAnswer('tput_per_gpu', 'tok/s over every GPU', ({ row }) => row.answer.tputPerGpu, shortNumber),
    number('gpus', 'GPUs', ({ row }) => row.points[0]?.gpus.total ?? null),
    ofAnswer('ttft_ms', `First token, ${statistic} (ms)`, ({ row }) => row.answer.ttftMs, shortNumber),
    ofAnswer('p99_ttft_ms', 'First token, p99 (ms)', ({ row }) => row.answer.p99TtftMs, shortNumber),
    {
      key: 'arrival',
      header: 'Arrival',
      value: ({ row }) => arrivalWords(row.arrival),
    },
    {
      key: 'accuracy',
      header: 'Accuracy',
      value: ({ row }) => {
        const elsewhere = scoredElsewhere(row);
        return `${accuracyWords(row.accuracy).short}${elsewhere === null ? '' : ` at concurrency ${elsewhere}`}`;
      },
    },
    { key: 'measured_at', header: 'Measured', value: ({ row }) => day(row.measuredAtS) },
    { key: 'verdict', header: 'Timing', value: ({ row }) => row.verdict },
    {
      key: 'basis',
      header: 'Rests on',
      value: ({ row }) => {
        const [point] = row.points;
        const server =
          point === undefined ? '' : `${serverWords(point.point.series, names)}, ${point.point.layout}, `;
        return `${server}${standingWords(row)}, per ${deviceOf([row.answer.hw])}`;
      },
      wide: true,
    },
  ];
}
