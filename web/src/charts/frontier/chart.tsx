import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ZoomWindow } from '../../state/params.ts';
import type { Tokens } from '../../theme/tokens.ts';
import type { Size } from '../size.ts';
import { Surface } from '../surface.tsx';
import { dimmedOpacity, paintDots } from './dots.ts';
import { layoutOf } from './layout.ts';
import { Marked } from './marked.tsx';
import { FrontierPicture, Labels, type LevelReading } from './picture.tsx';
import type { AxesOf, PlotSeries } from './plot-series.ts';
import { Highlighted } from './stepping-back.tsx';
import { DotTooltip, describeDot } from './tooltip.tsx';
import { useGestures } from './use-gestures.ts';
import { useKeys } from './use-keys.ts';
import { zoomed } from './zoom.ts';

export interface FrontierChartProps {
  readonly size: Size;
  readonly tokens: Tokens;
  readonly axes: AxesOf;
  readonly shown: readonly PlotSeries[];
  readonly before?: readonly PlotSeries[] | undefined;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly window: ZoomWindow | undefined;
  /** The series to highlight; the others fade. */
  readonly highlighted: string | undefined;
  readonly pinned: readonly string[];
  readonly label: string;
  readonly level?: LevelReading | undefined;
  onWindow(window: ZoomWindow | undefined): void;
  onPin(id: string): void;
  onOpen(id: string): void;
}

/** The interactive chart: hover, click, drag to zoom, and the same by keys. */
export function FrontierChart(props: FrontierChartProps) {
  const { size, tokens, axes, shown, before, logX, logY, window, highlighted, pinned, level } = props;
  const [canvas, ahead] = [useRef<HTMLCanvasElement>(null), useRef<HTMLCanvasElement>(null)];
  const layout = useMemo(
    () => layoutOf([...shown, ...(before ?? [])], size, { logX, logY, window }),
    [shown, before, size, logX, logY, window],
  );
  useEffect(() => {
    if (canvas.current !== null) paintDots(canvas.current, shown, layout, tokens);
  }, [shown, layout, tokens]);
  // The dots of the highlighted series are painted once more over the others, which fade.
  const front = shown.find(({ key }) => key === highlighted);
  useEffect(() => {
    if (ahead.current !== null) paintDots(ahead.current, front === undefined ? [] : [front], layout, tokens);
  }, [front, layout, tokens]);
  const picture = useMemo(
    () => (
      <FrontierPicture
        layout={layout}
        axes={axes}
        shown={shown}
        before={before}
        tokens={tokens}
        withDots={false}
      />
    ),
    [layout, axes, shown, before, tokens],
  );
  const labels = useMemo(
    () => <Labels layout={layout} shown={shown} tokens={tokens} level={level} />,
    [layout, shown, tokens, level],
  );
  const [current, setCurrent] = useState<{ readonly series: string; readonly id: string }>();
  const series = shown.find(({ key }) => key === current?.series);
  const dot = series?.dots.find(({ point }) => point.id === current?.id);
  const place = { width: `${size.width}px`, height: `${size.height}px` };
  const gestures = useGestures({ ...props, layout, onCurrent: setCurrent });
  const onKeyDown = useKeys({ ...props, layout, current, onCurrent: setCurrent });
  return (
    <div class="chart frontier-chart" style={{ height: `${size.height}px` }}>
      <svg width={size.width} height={size.height} aria-hidden="true">
        <Highlighted.Provider value={front?.key}>{picture}</Highlighted.Provider>
      </svg>
      <canvas ref={canvas} style={{ ...place, opacity: front === undefined ? 1 : dimmedOpacity }} />
      <canvas ref={ahead} style={place} />
      <svg width={size.width} height={size.height} aria-hidden="true">
        <Highlighted.Provider value={front?.key}>{labels}</Highlighted.Provider>
        <Marked
          layout={layout}
          shown={shown}
          tokens={tokens}
          pinned={pinned}
          dot={dot}
          drag={gestures.drag}
        />
      </svg>
      <Surface
        place={gestures.surface}
        label={`${props.label}. Arrow keys go through the points, Enter opens one, P pins it, plus and minus zoom, 0 shows all. The figures are also in the table below.`}
        announced={dot && series ? describeDot({ dot, series, axes }) : ''}
        onKeyDown={onKeyDown}
        onBlur={() => setCurrent(undefined)}
        {...gestures.handlers}
      />
      {dot && series && <DotTooltip dot={dot} series={series} axes={axes} layout={layout} />}
      <div class="zoom-buttons">
        <button type="button" onClick={() => props.onWindow(zoomed(layout, 0.7))} aria-label="Zoom in">
          +
        </button>
        <button type="button" onClick={() => props.onWindow(zoomed(layout, 1 / 0.7))} aria-label="Zoom out">
          −
        </button>
        <button
          type="button"
          onClick={() => props.onWindow(undefined)}
          disabled={window === undefined}
          aria-label="Show everything"
        >
          ⤢
        </button>
      </div>
    </div>
  );
}
