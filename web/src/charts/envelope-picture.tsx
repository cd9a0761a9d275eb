import { shortNumber } from '../parts/format.ts';
import type { Tokens } from '../theme/tokens.ts';
import { Axes, fontFamily } from './axes.tsx';
import { boxOf } from './boxes.ts';
import { endLabels } from './end-labels.ts';
import { boldness, fittedLabel } from './labels.ts';
import { type LevelValue, levelReads } from './level-reads.ts';
import { linePath } from './marks.ts';
import { plotOf } from './plot.ts';
import { leftWords, ReadText } from './read-text.tsx';
import { fontSize, isNarrow, type Size, textWidth } from './size.ts';

export interface EnvelopeLine {
  readonly key: string;
  readonly name: string;
  readonly colour: string;
  /** By rising x. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** The measured points. */
  readonly measured: readonly { readonly x: number; readonly y: number }[];
  /** The line's value at the level; undefined if the line does not reach it. */
  readonly read: LevelValue | undefined;
}

interface EnvelopePictureProps {
  readonly lines: readonly EnvelopeLine[];
  readonly size: Size;
  readonly tokens: Tokens;
  readonly xLabel: string;
  readonly yLabel: string;
  /** The x of the question. */
  readonly level: number;
}

/** A line for each hardware type, labelled at its end in its colour, with its value at the level. */
export function EnvelopePicture({ lines, size, tokens, xLabel, yLabel, level }: EnvelopePictureProps) {
  const all = lines.flatMap(({ points, measured }) => [...points, ...measured]);
  const widest = boldness * Math.max(0, ...lines.map(({ name }) => textWidth(name, fontSize)));
  const right = Math.min(widest + 16, size.width * 0.34);
  const plot = plotOf(
    size,
    // On a narrow chart the name of the y axis is above the level, so the level's number needs a line of its height.
    { top: isNarrow(size) ? 40 : 26, right, bottom: 46 },
    { values: [...all.map(({ x }) => x), level], log: true },
    { values: all.map(({ y }) => y), log: true },
  );
  const { x, y, area } = plot;
  const placed = lines.map((line) => ({
    ...line,
    path: line.points.map((point) => ({ x: x(point.x), y: y(point.y) })),
    dots: line.measured.map((point) => ({ x: x(point.x), y: y(point.y) })),
  }));
  const atLevel = x(level);
  const ends = endLabels(placed, plot, [
    { left: atLevel - 2, right: atLevel + 2, top: area.y[1], bottom: area.y[0] },
  ]);
  // A narrow chart has no values: the table above it has them, and the note says so.
  const reads = levelReads(isNarrow(size) ? [] : placed, {
    plot,
    level: atLevel,
    taken: placed.flatMap(({ key, name }) => {
      const end = ends.get(key);
      return end === undefined ? [] : boxOf(name, end);
    }),
    leaders: [...ends.values()].flatMap(({ leader }) => (leader === null ? [] : [leader])),
  });
  return (
    <g font-family={fontFamily} font-size={fontSize}>
      <Axes plot={plot} x={{ label: xLabel }} y={{ label: yLabel }} tokens={tokens} />
      <path
        d={`M${atLevel.toFixed(1)},${area.y[0]}V${area.y[1]}`}
        stroke={tokens.accent}
        stroke-width="1.5"
        stroke-dasharray="3 3"
        data-level={level}
      />
      {placed.map(({ key, colour, path, dots }) => (
        <g key={key} data-line={key} data-points={path.length}>
          <path d={linePath(path)} fill="none" stroke={colour} stroke-width="2.25" stroke-linejoin="round" />
          {dots.map((point) => (
            <circle
              key={`${point.x} ${point.y}`}
              cx={point.x.toFixed(1)}
              cy={point.y.toFixed(1)}
              r="2.5"
              fill={colour}
            />
          ))}
        </g>
      ))}
      {placed.map(({ key, name, colour }) => {
        const to = ends.get(key);
        return (
          to !== undefined && (
            <g key={key}>
              {to.leader !== null && (
                <path
                  d={linePath(to.leader)}
                  stroke={colour}
                  stroke-width="1"
                  stroke-opacity="0.45"
                  data-leader={key}
                />
              )}
              <text x={to.x} y={to.y} dy="0.34em" fill={colour} font-weight="650" data-label={key}>
                {fittedLabel(name, size.width - to.x)}
              </text>
            </g>
          )
        );
      })}
      {placed.map(({ key, colour }) => {
        const at = reads.placed.get(key);
        return at !== undefined && <ReadText key={key} of={key} read={at} colour={colour} tokens={tokens} />;
      })}
      <text x={atLevel} y={area.y[1] - 6} text-anchor="middle" fill={tokens.accent} font-weight="600">
        {shortNumber(level)}
        {leftWords(reads.left.length, 'table')}
      </text>
    </g>
  );
}
