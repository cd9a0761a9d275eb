import type { Tokens } from '../../theme/tokens.ts';
import { markerPath } from '../marks.ts';
import type { Plot } from '../plot.ts';
import { ErrorBars } from './picture.tsx';
import type { Dot, PlotSeries } from './plot-series.ts';
import type { Drag } from './use-gestures.ts';

interface MarkedProps {
  readonly layout: Plot;
  readonly shown: readonly PlotSeries[];
  readonly tokens: Tokens;
  readonly pinned: readonly string[];
  readonly dot: Dot | undefined;
  readonly drag: Drag | undefined;
}

/** What changes under the pointer: the current point, pinned points, and the part a drag selects. */
export function Marked({ layout, shown, tokens, pinned, dot, drag }: MarkedProps) {
  const rings =
    pinned.length === 0
      ? []
      : shown.flatMap(({ dots }) => dots.filter(({ point }) => pinned.includes(point.id)));
  const of = dot && shown.find(({ dots }) => dots.includes(dot));
  return (
    <g>
      {rings.map(({ point, x, y }) => (
        <circle
          key={point.id}
          cx={layout.x(x)}
          cy={layout.y(y)}
          r="9"
          fill="none"
          stroke={tokens.ink}
          stroke-width="2"
          data-pinned={point.id}
        />
      ))}
      {dot && of && (
        <g>
          <ErrorBars dot={dot} layout={layout} colour={of.look.colour} />
          <g transform={`translate(${layout.x(dot.x)},${layout.y(dot.y)})`}>
            <circle
              r="10"
              fill={tokens.surface}
              stroke={of.look.colour}
              stroke-width="2"
              data-current={dot.point.id}
            />
            <path d={markerPath(of.look.marker, 72)} fill={of.look.colour} />
          </g>
        </g>
      )}
      {drag?.kind === 'zoom' && (
        <rect
          x={Math.min(drag.from.x, drag.to.x)}
          y={Math.min(drag.from.y, drag.to.y)}
          width={Math.abs(drag.from.x - drag.to.x)}
          height={Math.abs(drag.from.y - drag.to.y)}
          fill={tokens.accent}
          fill-opacity="0.12"
          stroke={tokens.accent}
        />
      )}
    </g>
  );
}
