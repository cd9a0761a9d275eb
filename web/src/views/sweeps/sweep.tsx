import { useMemo } from 'preact/hooks';
import { pathPart } from '../../../../src/derived/path-part.ts';
import type { SweepDocument } from '../../../../src/server/api.ts';
import { inDevices } from '../../data/device.ts';
import { type Names, useNames } from '../../data/names.ts';
import {
  metricOf,
  type PublishedPoint,
  pointsOf,
  seriesName,
  shapeAddress,
  shapeName,
} from '../../data/points.ts';
import { seriesTitle } from '../../data/server-words.ts';
import { useDocument } from '../../data/use-loaded.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { moment, plural } from '../../parts/format.ts';
import { Ready } from '../../parts/states.tsx';
import { hashOf } from '../../state/route.ts';
import { linkTo } from '../../state/use-route.ts';
import { exploreParams } from '../explore/params.ts';

export function SweepPage({ id }: { readonly id: string }) {
  const loaded = useDocument(`runs/${pathPart(id)}`);
  return (
    <Ready of={loaded} height={700}>
      {(document) => <Page document={document} />}
    </Ready>
  );
}

type Failure = SweepDocument['failures'][number];

const failureColumns: readonly FigureColumn<Failure>[] = [
  { key: 'at', header: 'When', value: ({ at }) => at, show: ({ at }) => moment(at) },
  {
    key: 'point',
    header: 'Planned point',
    value: ({ pointId }) => pointId,
    href: ({ measurementId }) =>
      measurementId === null ? undefined : hashOf('point', { id: measurementId }),
  },
  { key: 'attempt', header: 'Attempt', numeric: true, value: ({ attempt }) => attempt },
  { key: 'failure_class', header: 'Failure', value: ({ failureClass, outcome }) => failureClass ?? outcome },
  { key: 'message', header: 'Message', wide: true, value: ({ message }) => message },
];

function Page({ document }: { readonly document: SweepDocument }) {
  const { run, shapes, omittedPoints, failures } = document;
  return (
    <>
      <div class="page-head">
        <p class="quiet">
          <a href={hashOf('runs')}>Runs</a>
        </p>
        <h1>{run.id}</h1>
        <p class="quiet">
          Started {moment(run.createdAt)}
          {run.command !== '' && ` by ${run.command}`}; {run.state}.{' '}
          {plural(run.measurements.checked, 'checked measurement')}, {run.measurements.unchecked} unchecked,{' '}
          {run.measurements.suspect} suspect, {run.measurements.invalid} invalid
          {run.planned !== null && `, of ${plural(run.planned, 'point')} planned`}.
          {run.gitSha !== null &&
            ` Commit ${run.gitSha.slice(0, 12)}${run.gitRef === null ? '' : ` of ${run.gitRef}`}.`}
          {run.url !== null && (
            <>
              {' '}
              <a href={run.url}>Its CI run</a>
            </>
          )}
        </p>
      </div>
      {shapes.map((shape) => (
        <RunShape key={shape.shape.key} document={shape} run={run.id} />
      ))}
      {omittedPoints > 0 && (
        <p class="quiet">{plural(omittedPoints, 'older point')} of this run are not shown here.</p>
      )}
      {failures.length > 0 && (
        <section class="card">
          <h2>What failed</h2>
          <DataTable
            caption="Attempts without a published measurement"
            columns={failureColumns}
            rows={failures}
          />
        </section>
      )}
    </>
  );
}

const number = (
  key: string,
  header: string,
  value: (point: PublishedPoint) => number | null,
): FigureColumn<PublishedPoint> => ({
  key,
  header,
  numeric: true,
  value,
});

const pointColumns = (names: Names, hardware: readonly string[]): readonly FigureColumn<PublishedPoint>[] => [
  {
    key: 'series',
    header: 'Series',
    value: ({ series }) => seriesTitle(series, names),
    href: ({ id }) => hashOf('point', { id }),
  },
  { key: 'layout', header: 'Layout', value: ({ layout }) => layout },
  number('conc', 'Concurrency', ({ conc }) => conc),
  number('total_tput_per_gpu', inDevices('Total tok/s/GPU', hardware), (point) =>
    metricOf(point, 'totalTputPerGpu'),
  ),
  number('output_tput_per_gpu', inDevices('Output tok/s/GPU', hardware), (point) =>
    metricOf(point, 'outputTputPerGpu'),
  ),
  number('median_interactivity', 'Median tok/s/user', (point) => metricOf(point, 'medianInteractivity')),
  number('median_ttft_ms', 'Median TTFT (ms)', (point) => metricOf(point, 'medianTtftMs')),
  number('p99_ttft_ms', 'p99 TTFT (ms)', (point) => metricOf(point, 'p99TtftMs')),
  { key: 'verdict', header: 'Verdict', value: ({ verdict }) => verdict },
];

/** Series by series, each layout from the lowest concurrency up. */
function inOrder(a: PublishedPoint, b: PublishedPoint): number {
  return (
    seriesName(a.series).localeCompare(seriesName(b.series)) ||
    a.layout.localeCompare(b.layout) ||
    a.conc - b.conc
  );
}

function RunShape({
  document,
  run,
}: {
  readonly document: SweepDocument['shapes'][number];
  readonly run: string;
}) {
  const points = useMemo(() => pointsOf(document).toSorted(inOrder), [document]);
  const { shape } = document;
  const names = useNames();
  const columns = useMemo(
    () =>
      pointColumns(
        names,
        document.series.map(({ hw }) => hw),
      ),
    [names, document],
  );
  const title = `${names.model(shape.modelPrefix)}, ${shapeName(shape)}`;
  return (
    <section class="card">
      <div class="card-head">
        <h2>{title}</h2>
        <a
          href={linkTo('explore', exploreParams, {
            model: shape.modelPrefix,
            shape: shapeAddress(shape),
            when: run,
          })}
        >
          As a chart
        </a>
      </div>
      <DataTable caption={`Points of ${title}`} columns={columns} rows={points} idOf={({ id }) => id} />
    </section>
  );
}
