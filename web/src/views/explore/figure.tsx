import { useCallback, useMemo, useState } from 'preact/hooks';
import { meaningNote } from '../../../../src/derived/meaning.ts';
import type { IndexDocument } from '../../../../src/server/api.ts';
import { Figure } from '../../charts/figure.tsx';
import { FrontierChart } from '../../charts/frontier/chart.tsx';
import { layoutOf } from '../../charts/frontier/layout.ts';
import { FrontierPicture, type LevelReading } from '../../charts/frontier/picture.tsx';
import type { AxesOf, PlotSeries } from '../../charts/frontier/plot-series.ts';
import { Legend, type LegendItem } from '../../charts/legend.tsx';
import { modelledMeaning } from '../../data/decision-words.ts';
import type { Names } from '../../data/names.ts';
import { shapeName } from '../../data/points.ts';
import { lowerFirst, percent, withUnit } from '../../parts/format.ts';
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
  readonly level: LevelReading | undefined;
  /** All hardware, which can be unfolded. */
  readonly hardware: readonly string[];
  readonly names: Names;
  /** Sentences about what limits the figures, such as points that are left out. */
  readonly limits: readonly string[];
}

export function ExploreFigure(props: ExploreFigureProps) {
  const { shape, axes, all, shown, before, values, change } = props;
  const { level, hardware, names, limits } = props;
  // Kept here, so that only the chart and its legend render again.
  const [highlighted, setHighlighted] = useState<string>();
  const { zoom: window, pin, hide, open } = values;
  const [logX, logY] = [!values.linx, !values.liny];
  const modelled = values.modelled ? axes.y.modelled : undefined;
  const columns = useMemo(() => dotColumns(axes, modelled), [axes, modelled]);
  const rows = useMemo(() => rowsOf(shown), [shown]);
  const items = useMemo(() => legendOf(all, level), [all, level]);
  const meaning = useMemo(() => meaningOf([...shown, ...(before ?? [])]), [shown, before]);
  const note = useMemo(
    () =>
      [
        `${names.model(shape.modelPrefix)}, ${shapeName(shape)}.`,
        noteOf(values, before, level !== undefined, shown),
        ...(modelled === undefined ? [] : [modelledNote]),
        ...limits,
        ...(meaning === undefined ? [] : [meaning]),
      ].join(' '),
    [names, shape, values, before, level, shown, modelled, limits, meaning],
  );
  const also = modelled === undefined ? '' : ` and ${lowerFirst(modelled.label)},`;
  const title = `${axes.y.label}${also === '' ? '' : ','}${also} against ${lowerFirst(axes.x.label)}`;
  const onWindow = useCallback((zoom: ZoomWindow | undefined) => change({ zoom }, 'replace'), [change]);
  const onPin = useCallback((id: string) => change({ pin: toggled(pin, id) }), [change, pin]);
  return (
    <Figure
      topic="frontier"
      title={title}
      note={note}
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
          level={level}
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
          level={level}
          onWindow={onWindow}
          onPin={onPin}
          label={title}
          pinned={pin}
          onOpen={(id) => {
            location.hash = hashOf('point', { id });
          }}
        />
      )}
      below={
        <>
          {hardware.length > 1 && (
            <fieldset class="unfold" aria-label="Engines of a hardware type">
              <span class="quiet">Show the engines of</span>
              {hardware.map((hw) => (
                <button
                  key={hw}
                  type="button"
                  aria-pressed={open.includes(hw)}
                  onClick={() => change({ open: toggled(open, hw), hide: [], zoom: undefined })}
                >
                  {names.hardware(hw)}
                </button>
              ))}
            </fieldset>
          )}
          {level !== undefined && (
            <p class="quiet legend-note">
              {axes.y.label} at {withUnit(level.x, axes.x.unit)}:
            </p>
          )}
          <Legend
            items={items}
            hidden={hide}
            onToggle={(key) => change({ hide: toggled(hide, key), zoom: undefined })}
            onHighlight={setHighlighted}
          />
        </>
      }
    />
  );
}

/** The series with their values at the level, the best first. */
function legendOf(all: readonly PlotSeries[], level: LevelReading | undefined): readonly LegendItem[] {
  if (level === undefined) return all;
  const readOf = ({ key }: PlotSeries) => level.values.get(key);
  return all
    .toSorted((a, b) => (readOf(b)?.value ?? -1) - (readOf(a)?.value ?? -1))
    .map((one) => {
      const value = readOf(one);
      return { ...one, value: value?.text ?? 'not reached' };
    });
}

/** What distinguishes the two kinds of values of a chart that has both. */
const modelledNote =
  'Filled marks and lines: measured. Hollow squares and dotted lines: modelled from the all-in power of each GPU, a constant that includes its share of host, network and cooling; the two cover different things.';

/** How to read the lines, and which measurements are shown. */
function noteOf(
  { when, compare, open }: ExploreValues,
  before: readonly PlotSeries[] | undefined,
  isAnswer: boolean,
  shown: readonly PlotSeries[],
): string {
  const of = when === '' ? 'The latest measurement of each configuration' : `Measurements of ${when}`;
  const lines = isAnswer
    ? 'each line is the best server of each hardware type within the limits of the question'
    : 'lines follow each frontier in steps, since nothing between two servers was measured, and the speed and the first token of the question do not limit them';
  const engines =
    open.length === 0
      ? ''
      : '; a light centre: speculative decoding; a ring: disaggregated; dashes: precision';
  const compared = before === undefined ? '' : `; dotted: ${compare}, arrows lead from there`;
  const points = isAnswer
    ? 'coloured points are the measurements that it rests on, at any speed'
    : 'coloured points are on a frontier';
  const hasIntervals = shown.some(({ frontier }) =>
    frontier.some(({ xInterval, yInterval }) => xInterval !== null || yInterval !== null),
  );
  const whiskers = hasIntervals ? `; whiskers are ${percent(0.95)} intervals` : '';
  const modelled = isAnswer ? ` ${modelledMeaning}` : '';
  return `${of}; ${lines}; ${points}, the others are grey${engines}${whiskers}${compared}.${modelled}`;
}

/** A note on points from before and after a change of meaning. */
export function meaningOf(series: readonly PlotSeries[]): string | undefined {
  return meaningNote(series.flatMap(({ dots }) => dots.map(({ point }) => point.version)));
}

export function toggled(list: readonly string[], item: string): readonly string[] {
  return list.includes(item) ? list.filter((one) => one !== item) : [...list, item];
}
