import { useMemo } from 'preact/hooks';
import { wilsonInterval } from '../../../../src/derived/wilson.ts';
import { Figure } from '../../charts/figure.tsx';
import { RangePicture, rangeRowHeight } from '../../charts/range-picture.tsx';
import { intervalRange } from '../../charts/row-range.ts';
import type { FigureColumn } from '../../parts/figures.ts';
import { day, percent } from '../../parts/format.ts';
import { hardwareColour } from '../../theme/hardware-colours.ts';
import { useTheme } from '../../theme/theme.ts';
import type { Rate } from './rates.ts';

interface RatesFigureProps {
  readonly title: string;
  /** What succeeded. */
  readonly of: string;
  /** What the names are, as the column's header in the file. */
  readonly name: string;
  readonly rates: readonly Rate[];
}

/** Success rates with their intervals: 3 of 3 does not prove 100 %. */
export function RatesFigure({ title, of, name, rates }: RatesFigureProps) {
  const { mode } = useTheme();
  const sorted = useMemo(
    () => rates.filter(({ ended }) => ended > 0).toSorted((a, b) => shareOf(a) - shareOf(b)),
    [rates],
  );
  const hasDays = rates.some(({ days }) => days !== undefined);
  const columns = useMemo(() => columnsOf(name, hasDays), [name, hasDays]);
  return (
    <Figure
      topic="verdict"
      title={title}
      note={`${of}, the least reliable first; whiskers are Wilson ${percent(0.95)} intervals, numbers in brackets are what ended`}
      fileName={`success_${name}`}
      columns={columns}
      rows={sorted}
      height={() => sorted.length * rangeRowHeight + 52}
      picture={(size, tokens) => (
        <RangePicture
          rows={sorted.map((rate) => ({
            key: rate.name,
            name: `${rate.name} (${rate.ended.toLocaleString('en')})`,
            value: shareOf(rate),
            range: intervalRange(wilsonInterval(rate.succeeded, rate.ended)),
            colour: rate.hw === null ? tokens.accent : hardwareColour(rate.hw, mode),
          }))}
          size={{ ...size, height: sorted.length * rangeRowHeight + 52 }}
          tokens={tokens}
          kind="dot"
          limits={[0, 1]}
          label="succeeded"
          format={(value) => percent(value)}
        />
      )}
    />
  );
}

function shareOf({ ended, succeeded }: Rate): number {
  return succeeded / ended;
}

function columnsOf(name: string, hasDays: boolean): readonly FigureColumn<Rate>[] {
  const dayOf = (key: string, header: string, at: 0 | 1): FigureColumn<Rate> => ({
    key,
    header,
    value: ({ days }) => days?.[at] ?? null,
    show: ({ days }) => (days === undefined ? '–' : day(days[at])),
  });
  return [
    { key: name, header: 'Name', value: (rate) => rate.name },
    { key: 'ended', header: 'Ended', numeric: true, value: (rate) => rate.ended },
    { key: 'succeeded', header: 'Succeeded', numeric: true, value: (rate) => rate.succeeded },
    { key: 'rate', header: 'Rate', numeric: true, value: shareOf, show: (rate) => percent(shareOf(rate)) },
    ...(hasDays ? [dayOf('first_day', 'First day', 0), dayOf('last_day', 'Last day', 1)] : []),
  ];
}
