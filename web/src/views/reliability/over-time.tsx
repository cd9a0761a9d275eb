import { wilsonInterval } from '../../../../src/derived/wilson.ts';
import type { ReliabilityDocument } from '../../../../src/server/api.ts';
import { Axes } from '../../charts/axes.tsx';
import { Figure } from '../../charts/figure.tsx';
import { type Plot, plotOf } from '../../charts/plot.ts';
import type { Size } from '../../charts/size.ts';
import { type Steps, stepsAlong } from '../../charts/steps.ts';
import { timeAxis } from '../../charts/time.ts';
import type { FigureColumn } from '../../parts/figures.ts';
import { day, percent } from '../../parts/format.ts';
import type { Tokens } from '../../theme/tokens.ts';
import { intervalsOf, type RatedSpan } from './periods.ts';

type Day = ReliabilityDocument['byDay'][number];

const columnsOf = (what: string): readonly FigureColumn<RatedSpan>[] => [
  { key: 'from', header: 'First day (UTC)', value: ({ from }) => from, show: ({ from }) => day(from) },
  { key: 'to', header: 'Last day', value: ({ to }) => to, show: ({ to }) => day(to) },
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
  {
    key: 'rate',
    header: 'Rate',
    numeric: true,
    value: shareOf,
    show: (interval) => percent(shareOf(interval)),
  },
];

function shareOf({ ended, succeeded }: RatedSpan): number {
  return succeeded / ended;
}

interface OverTimeProps {
  /** What ended, such as `attempts`. */
  readonly what: string;
  readonly byDay: readonly Day[];
}

/** The share that succeeded in each week, or on each of a few days: counts of different weeks are not comparable. */
export function OverTime({ what, byDay }: OverTimeProps) {
  const { each, intervals } = intervalsOf(byDay);
  if (intervals.length === 0) return null;
  const counts = intervals.map(({ ended }) => ended);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)].map((count) =>
    count.toLocaleString('en'),
  );
  const has = fewest === most ? `${most} ${what}` : `between ${fewest} and ${most} ${what}`;
  return (
    <Figure
      topic="verdict"
      title={`Share of ${what} that succeeded, by ${each}`}
      note={`Each bar is the rate of ${each === 'day' ? 'one day (UTC)' : 'one week, Monday to Sunday (UTC)'}, whatever its number of ${what}: succeeded at the bottom, failed on top with red stripes; whiskers are Wilson ${percent(0.95)} intervals. A ${each} has ${has}; one without any has no bar.`}
      fileName={`${what.replaceAll(' ', '_')}_by_${each}`}
      columns={columnsOf(what)}
      rows={intervals}
      height={() => 260}
      steps={(size) => stepsOf(intervals, size, what)}
      picture={(size, tokens) => (
        <RatesPicture what={what} intervals={intervals} size={size} tokens={tokens} />
      )}
    />
  );
}

const dayS = 86_400;

function secondsOf(iso: string): number {
  return Date.parse(`${iso}T00:00:00Z`) / 1000;
}

/** From the start of an interval to its end. */
function extentOf({ from, to }: RatedSpan): readonly [number, number] {
  return [secondsOf(from), secondsOf(to) + dayS];
}

/** From the start of the first interval to the end of the last one. */
function timesOf(intervals: readonly RatedSpan[]): readonly [number, number] {
  const [first, last] = [intervals[0], intervals.at(-1)];
  return first === undefined || last === undefined ? [0, dayS] : [extentOf(first)[0], extentOf(last)[1]];
}

function plotOfRates(intervals: readonly RatedSpan[], size: Size): Plot {
  const margins = { top: 22, right: 26, bottom: 34 };
  return plotOf(size, margins, { exact: timesOf(intervals) }, { exact: [0, 100] });
}

function stepsOf(intervals: readonly RatedSpan[], size: Size, what: string): Steps {
  const plot = plotOfRates(intervals, size);
  const { x, y, area } = plot;
  const middle = (interval: RatedSpan) => {
    const [from, to] = extentOf(interval);
    return x((from + to) / 2);
  };
  const all = stepsAlong(intervals, middle, area.x, (interval) => {
    const { from, to, ended, succeeded } = interval;
    const whisker = wilsonInterval(succeeded, ended);
    return {
      at: { x: middle(interval), y: y(100 * shareOf(interval)) },
      title: from === to ? day(from) : `${day(from)} to ${day(to)}`,
      rows: [
        ['Succeeded', `${percent(shareOf(interval))} of ${ended.toLocaleString('en')} ${what}`],
        ...(whisker === null
          ? []
          : [[percent(0.95), `${percent(whisker[0])} to ${percent(whisker[1])}`] as const]),
      ],
    };
  });
  return { plot, named: 'rates', all };
}

function RatesPicture({
  what,
  intervals,
  size,
  tokens,
}: {
  readonly what: string;
  readonly intervals: readonly RatedSpan[];
  readonly size: Size;
  readonly tokens: Tokens;
}) {
  const plot = plotOfRates(intervals, size);
  const { x, y, area } = plot;
  const stripes = `failed-${what.replaceAll(' ', '-')}`;
  return (
    <g>
      <pattern id={stripes} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" fill={tokens.bad} />
        <rect width="2" height="6" fill={tokens.surface} />
      </pattern>
      <Axes
        plot={plot}
        x={{ label: '', ...timeAxis(timesOf(intervals), area.x[1] - area.x[0]) }}
        y={{ label: `% of ${what}` }}
        tokens={tokens}
      />
      {intervals.map((interval) => {
        const { from, ended, succeeded } = interval;
        const [left, right] = extentOf(interval).map(x);
        if (left === undefined || right === undefined) return null;
        const width = Math.max(1, Math.min(28, right - left - 1));
        const bar = { x: (left + right - width) / 2, width };
        const share = y(100 * shareOf(interval));
        const whisker = wilsonInterval(succeeded, ended)?.map((bound) => y(100 * bound));
        return (
          <g key={from} data-period={from} data-ended={ended} data-succeeded={succeeded}>
            <rect {...bar} y={share} height={area.y[0] - share} fill={tokens.accent} />
            <rect {...bar} y={area.y[1]} height={share - area.y[1]} fill={`url(#${stripes})`} />
            {whisker && (
              <path
                d={`M${bar.x + width / 2},${whisker[0]}V${whisker[1]}`}
                stroke={tokens.ink}
                stroke-width={Math.min(2, width / 2)}
              />
            )}
          </g>
        );
      })}
    </g>
  );
}
