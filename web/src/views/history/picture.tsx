import { unknownImage } from '../../../../src/derived/candidate.ts';
import type { ChangePoint } from '../../../../src/derived/change-points.ts';
import type { Measure } from '../../../../src/derived/measures.ts';
import type { PublishedChangelogEntry } from '../../../../src/server/api.ts';
import { Axes, fontFamily } from '../../charts/axes.tsx';
import { type Look, linePath, markerPath } from '../../charts/marks.ts';
import { type Plot, plotOf } from '../../charts/plot.ts';
import type { Domain } from '../../charts/scale.ts';
import type { Size } from '../../charts/size.ts';
import { type Steps, stepsAlong } from '../../charts/steps.ts';
import { timeAxis, timeAxisLabel } from '../../charts/time.ts';
import { moment, percent, quantity, shortNumber, signedPercent, withUnit } from '../../parts/format.ts';
import type { Tokens } from '../../theme/tokens.ts';
import type { HistoryMoment } from './configurations.ts';

interface HistoryPictureProps {
  readonly moments: readonly HistoryMoment[];
  readonly changes: readonly ChangePoint[];
  /** Numbered as in the list below the chart. */
  readonly entries: readonly (PublishedChangelogEntry & { readonly number: number })[];
  readonly look: Look;
  readonly unit: string;
  readonly size: Size;
  readonly tokens: Tokens;
}

/** A measure over time, with the changelog's entries above it and a mark where the level changed. */
export function HistoryPicture(props: HistoryPictureProps) {
  const { moments, changes, entries, look, unit, size, tokens } = props;
  const times = timesOf(moments);
  const plot = plotOfMoments(moments, size);
  const { x, y, area } = plot;
  const places = moments.map(({ point, value }) => ({ x: x(point.measuredAtS), y: y(value) }));
  const within = entries.filter(
    ({ addedAt }) => addedAt !== null && secondsOf(addedAt) >= times[0] && secondsOf(addedAt) <= times[1],
  );
  return (
    <g font-family={fontFamily} font-size="11">
      <Axes
        plot={plot}
        x={{ label: timeAxisLabel(times), ...timeAxis(times, area.x[1] - area.x[0]) }}
        y={{ label: unit }}
        tokens={tokens}
      />
      {within.map(({ number, addedAt }) => {
        const at = x(secondsOf(addedAt ?? ''));
        return (
          <g key={number} data-entry={number}>
            <path d={`M${at},${area.y[0]}V${area.y[1] - 6}`} stroke={tokens.muted} stroke-dasharray="2 3" />
            <circle cx={at} cy={area.y[1] - 14} r="9" fill={tokens.sunken} stroke={tokens.muted} />
            <text x={at} y={area.y[1] - 10} text-anchor="middle" fill={tokens.ink} font-weight="600">
              {number}
            </text>
          </g>
        );
      })}
      <path
        d={linePath(places)}
        fill="none"
        stroke={look.colour}
        stroke-width="1.25"
        stroke-dasharray="5 3"
        stroke-linejoin="round"
        data-connects={moments.length}
      />
      {moments.map(({ point, value, interval }, index) => (
        <g key={point.id} data-point={point.id} data-value={value}>
          {interval && (
            <path
              d={`M${places[index]?.x},${y(interval[0])}V${y(interval[1])}`}
              stroke={look.colour}
              stroke-width="1.25"
              opacity="0.7"
            />
          )}
          <path
            d={markerPath(look.marker, 42)}
            transform={`translate(${places[index]?.x.toFixed(1)},${places[index]?.y.toFixed(1)})`}
            fill={point.verdict === 'checked' ? look.colour : tokens.surface}
            stroke={look.colour}
            stroke-width="1.5"
          >
            <title>{`${new Date(point.measuredAtS * 1000).toISOString().slice(0, 16)}: ${quantity(value, unit)}`}</title>
          </path>
        </g>
      ))}
      {changes.map(({ index, before, after }, order) => {
        const place = places[index];
        if (place === undefined) return null;
        const atLeft = place.x > area.x[1] - 60;
        return (
          <g key={index} data-change={index}>
            <path d={`M${place.x},${area.y[0]}V${area.y[1]}`} stroke={tokens.ink} stroke-width="1.5" />
            <text
              x={place.x + (atLeft ? -6 : 6)}
              // Next to each other they could overlap.
              y={area.y[0] - 8 - (order % 3) * 16}
              text-anchor={atLeft ? 'end' : 'start'}
              fill={tokens.ink}
              font-weight="650"
              font-size="12"
              stroke={tokens.surface}
              stroke-width="3"
              paint-order="stroke"
            >
              {signedPercent(after / before - 1)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

interface HistoryStepsOptions extends Pick<HistoryPictureProps, 'moments' | 'changes' | 'size'> {
  readonly measure: Pick<Measure, 'label' | 'unit'>;
  onOpen(id: string): void;
}

/** The measurements one by one: value, interval, and whether the level changed. */
export function historySteps({ moments, changes, size, measure, onOpen }: HistoryStepsOptions): Steps {
  const plot = plotOfMoments(moments, size);
  const { x, y, area } = plot;
  const figure = (value: number) => withUnit(value, measure.unit);
  const all = stepsAlong(
    moments,
    ({ point }) => x(point.measuredAtS),
    area.x,
    ({ point, value, interval }, index) => {
      const change = changes.find((one) => one.index === index);
      return {
        at: { x: x(point.measuredAtS), y: y(value) },
        title: moment(point.measuredAtS),
        rows: [
          [measure.label, figure(value)],
          ...(interval
            ? [[percent(0.95), `${shortNumber(interval[0])} to ${figure(interval[1])}`] as const]
            : []),
          ...(change ? [['Level', signedPercent(change.after / change.before - 1)] as const] : []),
          ['Verdict', point.verdict],
          ...(point.image === unknownImage ? [] : [['Image', point.image] as const]),
        ],
      };
    },
  );
  const open = (index: number) => {
    const id = moments[index]?.point.id;
    if (id !== undefined) onOpen(id);
  };
  return { plot, named: 'measurements', all, open };
}

function plotOfMoments(moments: readonly HistoryMoment[], size: Size): Plot {
  return plotOf(
    size,
    { top: 44, right: 18, bottom: timeAxisLabel(timesOf(moments)) === '' ? 34 : 44 },
    { exact: timesOf(moments) },
    { values: moments.flatMap(({ value, interval }) => [value, ...(interval ?? [])]) },
  );
}

function timesOf(moments: readonly HistoryMoment[]): Domain {
  const [first, last] = [moments[0]?.point.measuredAtS ?? 0, moments.at(-1)?.point.measuredAtS ?? 1];
  const room = Math.max(3600, (last - first) * 0.03);
  return [first - room, last + room];
}

function secondsOf(iso: string): number {
  return Date.parse(iso) / 1000;
}
