import type { ReliabilityDocument } from '../../../../src/server/api.ts';
import { Axes } from '../../charts/axes.tsx';
import { Figure } from '../../charts/figure.tsx';
import { plotOf } from '../../charts/plot.ts';
import type { Size } from '../../charts/size.ts';
import { timeAxis } from '../../charts/time.ts';
import type { FigureColumn } from '../../parts/figures.ts';
import type { Tokens } from '../../theme/tokens.ts';

type Day = ReliabilityDocument['byDay'][number];

const columnsOf = (what: string): readonly FigureColumn<Day>[] => [
  { key: 'day', header: 'Day (UTC)', value: ({ day }) => day },
  {
    key: 'ended',
    header: `${what[0]?.toUpperCase()}${what.slice(1)}`,
    numeric: true,
    value: ({ ended }) => ended,
  },
  { key: 'succeeded', header: 'Succeeded', numeric: true, value: ({ succeeded }) => succeeded },
  {
    key: 'failed',
    header: 'Failed',
    numeric: true,
    value: ({ ended, succeeded }) => ended - succeeded,
  },
];

interface ByDayProps {
  /** What ended, such as `attempts`. */
  readonly what: string;
  readonly title: string;
  readonly byDay: readonly Day[];
}

export function ByDay({ what, title, byDay }: ByDayProps) {
  if (byDay.length === 0) return null;
  return (
    <Figure
      topic="verdict"
      title={title}
      note="Succeeded at the bottom, failed on top with red stripes; days in UTC"
      fileName={`${what.replaceAll(' ', '_')}_by_day`}
      columns={columnsOf(what)}
      rows={byDay}
      height={() => 240}
      picture={(size, tokens) => <DaysPicture what={what} byDay={byDay} size={size} tokens={tokens} />}
    />
  );
}

const dayS = 86_400;

function DaysPicture({
  what,
  byDay,
  size,
  tokens,
}: {
  readonly what: string;
  readonly byDay: readonly Day[];
  readonly size: Size;
  readonly tokens: Tokens;
}) {
  const secondsOf = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1000;
  const times = [
    secondsOf(byDay[0]?.day ?? '1970-01-01'),
    secondsOf(byDay.at(-1)?.day ?? '1970-01-01') + dayS,
  ] as const;
  const plot = plotOf(
    size,
    { top: 22, bottom: 34 },
    { exact: times },
    { values: byDay.map(({ ended }) => ended), zero: true },
  );
  const { x, y, area } = plot;
  const stripes = `failed-${what.replaceAll(' ', '-')}`;
  const width = Math.max(1, Math.min(28, x(times[0] + dayS) - x(times[0]) - 2));
  return (
    <g>
      <pattern id={stripes} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" fill={tokens.bad} />
        <rect width="2" height="6" fill={tokens.surface} />
      </pattern>
      <Axes
        plot={plot}
        x={{ label: '', ...timeAxis(times, area.x[1] - area.x[0]) }}
        y={{ label: what }}
        tokens={tokens}
      />
      {byDay.map(({ day, ended, succeeded }) => (
        <g key={day} data-day={day} data-ended={ended} data-succeeded={succeeded}>
          <rect
            x={x(secondsOf(day)) + 1}
            width={width}
            y={y(succeeded)}
            height={area.y[0] - y(succeeded)}
            fill={tokens.accent}
          />
          <rect
            x={x(secondsOf(day)) + 1}
            width={width}
            y={y(ended)}
            height={y(succeeded) - y(ended)}
            fill={`url(#${stripes})`}
          />
        </g>
      ))}
    </g>
  );
}
