import { useCallback, useMemo } from 'preact/hooks';
import type { IndexDocument } from '../../../../src/server/api.ts';
import { Figure } from '../../charts/figure.tsx';
import { FrontierChart } from '../../charts/frontier/chart.tsx';
import { layoutOf } from '../../charts/frontier/layout.ts';
import { FrontierPicture } from '../../charts/frontier/picture.tsx';
import type { AxesOf, PlotSeries } from '../../charts/frontier/plot-series.ts';
import { Legend } from '../../charts/legend.tsx';
import { shapeName } from '../../data/points.ts';
import type { ZoomWindow } from '../../state/params.ts';
import { hashOf } from '../../state/route.ts';
import type { ChangeParams } from '../../state/use-route.ts';
import { dotColumns, rowsOf } from './columns.ts';
import type { ExploreValues } from './params.ts';

interface ExploreFigureProps {
  readonly shape: IndexDocument['shapes'][number];
  readonly axes: AxesOf;
  /** Every series, also those that the legend hides. */
  readonly all: readonly PlotSeries[];
  readonly shown: readonly PlotSeries[];
  readonly before: readonly PlotSeries[] | undefined;
  readonly values: ExploreValues;
  readonly change: ChangeParams<ExploreValues>;
  readonly highlighted: string | undefined;
  onHighlight(key: string | undefined): void;
}

export function ExploreFigure(props: ExploreFigureProps) {
  const { shape, axes, all, shown, before, values, change, highlighted, onHighlight } = props;
  const { logx: logX, logy: logY, zoom: window, pin, hide } = values;
  const columns = useMemo(() => dotColumns(axes), [axes]);
  const rows = useMemo(() => rowsOf(shown), [shown]);
  const title = `${axes.y.label} against ${lowerFirst(axes.x.label)}`;
  const onWindow = useCallback((zoom: ZoomWindow | undefined) => change({ zoom }, 'replace'), [change]);
  const onPin = useCallback((id: string) => change({ pin: toggled(pin, id) }), [change, pin]);
  return (
    <Figure
      title={title}
      note={`${shape.modelPrefix}, ${shapeName(shape)}. ${noteOf(values, before)}`}
      fileName={`${shape.key}_${axes.y.key}_${axes.x.key}`}
      columns={columns}
      rows={rows}
      idOf={({ dot }) => dot.point.id}
      height={(width) => Math.round(Math.min(600, Math.max(380, width * 0.62)))}
      legend={shown}
      picture={(size, tokens) => (
        <FrontierPicture
          layout={layoutOf([...shown, ...(before ?? [])], size, { logX, logY, window })}
          axes={axes}
          shown={shown}
          before={before}
          tokens={tokens}
          withDots
        />
      )}
      chart={(size, tokens) => (
        <FrontierChart
          size={size}
          tokens={tokens}
          axes={axes}
          shown={shown}
          before={before}
          logX={logX}
          logY={logY}
          window={window}
          highlighted={highlighted}
          onWindow={onWindow}
          onPin={onPin}
          label={title}
          pinned={pin}
          onOpen={(id) => {
            location.hash = hashOf('point', { id });
          }}
        />
      )}
    >
      <Legend
        items={all}
        hidden={hide}
        onToggle={(key) => change({ hide: toggled(hide, key), zoom: undefined })}
        onHighlight={onHighlight}
      />
    </Figure>
  );
}

/** How to read the lines, and what the measurements are of. */
function noteOf({ when, compare }: ExploreValues, before: readonly PlotSeries[] | undefined): string {
  const of = when === '' ? 'The latest measurement of each configuration' : `Measurements of ${when}`;
  const frontier = 'lines join each series’ Pareto frontier, straight between measured points';
  const compared = before === undefined ? '' : `; dotted: ${compare}, arrows lead from there`;
  return `${of}; ${frontier}${compared}.`;
}

export function toggled(list: readonly string[], item: string): readonly string[] {
  return list.includes(item) ? list.filter((one) => one !== item) : [...list, item];
}

function lowerFirst(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1);
}
