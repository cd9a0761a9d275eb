import type { Tokens } from '../theme/tokens.ts';
import { fontFamily } from './axes.tsx';
import { withoutMaker } from './labels.ts';
import { halo } from './marks.ts';
import { rangeLabels } from './range-labels.ts';
import type { RowRange } from './row-range.ts';
import { type Domain, scaleOver, ticksOf } from './scale.ts';
import { fontSize, type Size, textWidth } from './size.ts';

export interface RangeRow {
  readonly key: string;
  readonly name: string;
  readonly value: number;
  /** The value as it is written; formatted like the axis if omitted. */
  readonly text?: string;
  readonly range: RowRange | null;
  readonly colour: string;
}

interface RangePictureProps {
  readonly rows: readonly RangeRow[];
  readonly size: Size;
  readonly tokens: Tokens;
  readonly label: string;
  /** Bars from 0, or only marks if the values are far from 0. */
  readonly kind: 'bar' | 'dot';
  /** Bounds of all possible values, such as 0 and 1 for shares. */
  readonly limits?: Domain | undefined;
  /** Equal distances are equal ratios; not for bars, whose lengths are compared. */
  readonly log?: boolean;
  format(value: number): string;
}

export const rangeRowHeight = 34;

/** Named values in rows, with their ranges. */
export function RangePicture({
  rows,
  size,
  tokens,
  label,
  kind,
  limits,
  log = false,
  format,
}: RangePictureProps) {
  const widest = Math.max(0, ...rows.map(({ name }) => textWidth(name, fontSize)));
  // On a narrow screen the names are above their bars.
  const stacked = widest > size.width * 0.4;
  const left = stacked ? 18 : widest + 14;
  // All names are shortened in the same way, so that they can be compared.
  const shown = (name: string) => (stacked && widest > size.width ? withoutMaker(name) : name);
  const widestShown = Math.max(1, ...rows.map(({ name }) => textWidth(shown(name), fontSize)));
  const nameSize = stacked ? fontSize * Math.min(1, size.width / widestShown) : fontSize;
  const range = [left, size.width - 64] as const;
  const x = scaleOver(
    rows.flatMap(({ value, range: whisker }) => [value, ...(whisker?.of ?? [])]),
    range,
    { zero: kind === 'bar', limits, log },
  );
  // A whisker may exceed the possible values; it is clipped at the end of the axis.
  const within = (value: number) => Math.min(Math.max(x(value), range[0]), range[1]);
  const texts = rows.map(({ value, text }) => text ?? format(value));
  const labels = rangeLabels(
    rows.map(({ value, range: whisker }) => ({
      at: x(value),
      rangeEnd: whisker === null ? null : within(whisker.of[1]),
    })),
    texts,
    { bounds: [left, size.width], isStacked: stacked },
  );
  const bottom = rows.length * rangeRowHeight + 10;
  return (
    <g font-family={fontFamily} font-size={fontSize} fill={tokens.muted}>
      {ticksOf(x, range).map(({ value, at }) => (
        <g key={value}>
          <line x1={at} x2={at} y1={6} y2={bottom} stroke={tokens.grid} />
          <text
            x={Math.max(at, textWidth(format(value), fontSize) * 0.6)}
            y={bottom + 16}
            text-anchor="middle"
          >
            {format(value)}
          </text>
        </g>
      ))}
      <text x={range[1]} y={bottom + 36} text-anchor="end">
        {label}
      </text>
      {rows.map(({ key, name, value, range: whisker, colour }, index) => {
        const middle = index * rangeRowHeight + (stacked ? 28 : 22);
        const at = x(value);
        return (
          <g key={key} data-bar={key} data-value={value}>
            <text
              x={stacked ? 0 : left - 10}
              y={stacked ? middle - 10 : middle}
              dy={stacked ? 0 : '0.34em'}
              text-anchor={stacked ? 'start' : 'end'}
              fill={tokens.ink}
              font-size={nameSize}
            >
              {shown(name)}
            </text>
            {kind === 'bar' && (
              <rect x={left} y={middle - 6} width={Math.max(0, at - left)} height="12" rx="2" fill={colour} />
            )}
            {whisker !== null && (
              <RangeMark
                kind={whisker.kind}
                from={within(whisker.of[0])}
                to={within(whisker.of[1])}
                middle={middle}
                colour={kind === 'bar' ? tokens.ink : colour}
                row={key}
              />
            )}
            {kind === 'dot' && <circle cx={at} cy={middle} r="5" fill={colour} />}
            <text
              x={labels[index]?.left.toFixed(1)}
              y={labels[index]?.isAbove ? middle - 10 : middle}
              dy={labels[index]?.isAbove ? 0 : '0.34em'}
              fill={tokens.ink}
              font-weight="600"
              {...halo(tokens)}
              data-label={key}
            >
              {texts[index]}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function RangeMark({
  kind,
  from,
  to,
  middle,
  colour,
  row,
}: {
  readonly kind: RowRange['kind'];
  readonly from: number;
  readonly to: number;
  readonly middle: number;
  readonly colour: string;
  readonly row: string;
}) {
  return kind === 'between' ? (
    <rect
      x={from}
      y={middle - 4}
      width={Math.max(0, to - from)}
      height="8"
      rx="4"
      fill={colour}
      fill-opacity="0.28"
      data-band={row}
    />
  ) : (
    <path
      d={`M${from},${middle}H${to}M${from},${middle - 4}v8M${to},${middle - 4}v8`}
      data-whisker={row}
      stroke={colour}
      stroke-width="1.5"
    />
  );
}
