import { meaningNote } from '../../../../src/derived/meaning.ts';
import type { AxesOf, PlotSeries } from '../../charts/frontier/plot-series.ts';
import { arrivalAt, arrivalWords } from '../../data/arrival-words.ts';
import { metricOf } from '../../data/points.ts';
import { unitAt } from '../../data/role-throughput.ts';
import { day, withUnit } from '../../parts/format.ts';
import { hashOf } from '../../state/route.ts';
import type { ChangeParams } from '../../state/use-route.ts';
import { toggled } from './figure.tsx';
import type { ExploreValues } from './params.ts';

interface PinnedProps {
  readonly shown: readonly PlotSeries[];
  readonly axes: AxesOf;
  readonly values: ExploreValues;
  readonly change: ChangeParams<ExploreValues>;
}

/** Pinned points, next to each other. */
export function Pinned({ shown, axes, values, change }: PinnedProps) {
  const pins = (values.pin.length === 0 ? [] : shown).flatMap((series) =>
    series.dots.filter(({ point }) => values.pin.includes(point.id)).map((dot) => ({ dot, series })),
  );
  if (pins.length === 0) {
    return (
      <>
        <p class="quiet hint for-mouse">
          Click a point to open its page; <kbd>Shift</kbd>-click it (or press <kbd>P</kbd>) to pin it here for
          comparison. Drag or pinch to zoom, <kbd>Shift</kbd>-drag to move, double-click to see everything.
        </p>
        <p class="quiet hint for-touch">
          Tap a point to see its figures, and again to open its page; pinch to zoom.
        </p>
      </>
    );
  }
  const meaning = meaningNote(pins.map(({ dot }) => dot.point.version));
  return (
    <section class="card">
      <h2>Pinned</h2>
      {meaning !== undefined && <p class="quiet">{meaning}</p>}
      <ul class="pins">
        {pins.map(({ dot, series }) => (
          <li key={dot.point.id} style={{ borderTopColor: series.look.colour }}>
            <a href={hashOf('point', { id: dot.point.id })}>{series.name}</a>
            <div class="quiet">
              concurrency {dot.point.conc} · {dot.point.layout}
            </div>
            <dl>
              <dt>{axes.y.label}</dt>
              <dd>{withUnit(dot.y, unitAt(axes.y, dot.point))}</dd>
              <dt>{axes.x.label}</dt>
              <dd>{withUnit(dot.x, axes.x.unit)}</dd>
              <dt>Median TTFT</dt>
              <dd>{withUnit(metricOf(dot.point, 'medianTtftMs'), 'ms')}</dd>
              <dt>p99 TTFT</dt>
              <dd>{withUnit(metricOf(dot.point, 'p99TtftMs'), 'ms')}</dd>
              <dt>Arrival</dt>
              <dd>{arrivalWords(arrivalAt(dot.point))}</dd>
              <dt>Measured</dt>
              <dd>{day(dot.point.measuredAtS)}</dd>
            </dl>
            <button type="button" onClick={() => change({ pin: toggled(values.pin, dot.point.id) })}>
              Unpin
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
