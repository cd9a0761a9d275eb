import type { Tokens } from '../theme/tokens.ts';
import { Axes, fontFamily } from './axes.tsx';
import { spread } from './labels.ts';
import type { LevelValue } from './level-reads.ts';
import { linePath } from './marks.ts';
import type { ChartPlace } from './place.ts';
import { type Plot, plotOf } from './plot.ts';
import type { Domain } from './scale.ts';
import { fontSize, isNarrow, type Size, textWidth } from './size.ts';
import { timeAxis, timeAxisLabel } from './time.ts';

/** A figure from one moment on, and how it is written; null if there is none any more. */
export interface HeldMoment {
  readonly atS: number;
  readonly read: LevelValue | null;
  /** Its mark: filled if it was measured then, hollow if interpolated, none if it is only carried from before. */
  readonly standing: 'measured' | 'interpolated' | 'carried';
}

/** A figure that holds from one moment to the next; null if there is no figure. */
export interface HeldLine {
  readonly key: string;
  readonly name: string;
  readonly colour: string;
  readonly moments: readonly HeldMoment[];
}

interface HeldLinesPictureProps {
  readonly lines: readonly HeldLine[];
  /** From the first moment to the time until which the last ones hold, seconds since 1970. */
  readonly times: Domain;
  readonly size: Size;
  readonly tokens: Tokens;
  readonly yLabel: string;
}

const rowHeight = 15;

export function heldLinesPlot({
  lines,
  times,
  size,
}: Pick<HeldLinesPictureProps, 'lines' | 'times' | 'size'>): Plot {
  const widest = Math.max(0, ...lines.map((line) => textWidth(labelOf(line, size), fontSize)));
  const right = Math.min(widest + 26, size.width * 0.4);
  const room = Math.max(3600, (times[1] - times[0]) * 0.02);
  return plotOf(
    size,
    { top: 26, right, bottom: timeAxisLabel(times) === '' ? 34 : 44 },
    { exact: [times[0] - room, times[1]] },
    { values: lines.flatMap(({ moments }) => moments.map(({ read }) => read?.value ?? null)), log: true },
  );
}

/**
 * A step line for each of a few series, labelled at its end with its name and last value, in its colour. Between two
 * marks nothing was measured: there the line is dashed.
 */
export function HeldLinesPicture({ lines, times, size, tokens, yLabel }: HeldLinesPictureProps) {
  const plot = heldLinesPlot({ lines, times, size });
  const { x, y, area } = plot;
  const placed = lines.map((line) => ({ line, stairs: stairsOf(line, times[1], plot) }));
  const ends = spread(
    placed.flatMap(({ line: { key }, stairs }) => {
      const end = stairs.at(-1)?.at(-1);
      return end === undefined ? [] : [{ key, at: end.y }];
    }),
    rowHeight,
    [area.y[1], area.y[0]],
  );
  return (
    <g font-family={fontFamily} font-size={fontSize}>
      <Axes
        plot={plot}
        x={{ label: timeAxisLabel(times), ...timeAxis(times, area.x[1] - area.x[0]) }}
        y={{ label: yLabel }}
        tokens={tokens}
      />
      {placed.map(({ line: { key, colour, moments }, stairs }) => (
        <g key={key} data-line={key} data-value={moments.at(-1)?.read?.value ?? ''}>
          {stairs.map((stair) => (
            <g key={stair[0]?.x} fill="none" stroke={colour}>
              <path data-carried d={treadsOf(stair)} stroke-width="1.75" stroke-dasharray="5 3" />
              <path d={risersOf(stair)} stroke-width="1.25" stroke-opacity="0.6" />
            </g>
          ))}
          {moments.map(({ atS, read, standing }) =>
            read === null || standing === 'carried' ? null : (
              <circle
                key={atS}
                data-mark={standing}
                cx={x(atS).toFixed(1)}
                cy={y(read.value).toFixed(1)}
                r="3.75"
                fill={standing === 'interpolated' ? tokens.surface : colour}
                stroke={colour}
                stroke-width="1.5"
              />
            ),
          )}
        </g>
      ))}
      {placed.map(({ line, stairs }) => {
        const end = stairs.at(-1)?.at(-1);
        const to = ends.get(line.key);
        if (end === undefined || to === undefined) return null;
        return (
          <g key={line.key}>
            <path
              d={`M${(end.x + 4).toFixed(1)},${end.y.toFixed(1)}L${area.x[1] + 10},${to.toFixed(1)}`}
              stroke={line.colour}
              stroke-opacity="0.45"
            />
            <text
              x={area.x[1] + 14}
              y={to}
              dy="0.34em"
              fill={line.colour}
              font-weight="650"
              data-label={line.key}
            >
              {labelOf(line, size)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function labelOf({ name, moments }: HeldLine, size: Size): string {
  if (isNarrow(size)) return name;
  const last = moments.at(-1)?.read ?? null;
  return last === null ? name : `${name} ${last.text}`;
}

/** The horizontal parts of a step line, on which its value only holds. */
function treadsOf(stair: readonly ChartPlace[]): string {
  return pairsOf(stair, 0).map(linePath).join('');
}

/** The vertical parts of a step line, at which its value changes. */
function risersOf(stair: readonly ChartPlace[]): string {
  return pairsOf(stair, 1).map(linePath).join('');
}

function pairsOf(stair: readonly ChartPlace[], from: 0 | 1): ChartPlace[][] {
  return stair.flatMap((_, index) => (index % 2 === from ? [stair.slice(index, index + 2)] : []));
}

/** The corners of a line; one step line for each period in which it has a figure. */
function stairsOf({ moments }: HeldLine, untilS: number, { x, y }: Plot): ChartPlace[][] {
  const stairs: ChartPlace[][] = [];
  let stair: ChartPlace[] = [];
  for (const [index, { atS, read }] of moments.entries()) {
    if (read === null) {
      stair = [];
      continue;
    }
    if (stair.length === 0) stairs.push(stair);
    const until = moments[index + 1]?.atS ?? untilS;
    stair.push({ x: x(atS), y: y(read.value) }, { x: x(until), y: y(read.value) });
  }
  return stairs;
}
