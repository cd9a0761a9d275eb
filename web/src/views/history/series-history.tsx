import { useMemo } from 'preact/hooks';
import { changePoints } from '../../../../src/derived/change-points.ts';
import type { HistoryDocument, Series } from '../../../../src/server/api.ts';
import { Figure } from '../../charts/figure.tsx';
import { lookOf } from '../../charts/frontier/plot-series.ts';
import { measureOn } from '../../data/device.ts';
import { gpusOf } from '../../data/measured.ts';
import { useNames } from '../../data/names.ts';
import { pointsOf } from '../../data/points.ts';
import { seriesTitle } from '../../data/server-words.ts';
import { shownOf, useDocument } from '../../data/use-loaded.ts';
import { Choice } from '../../parts/choice.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { moment, percent, plural } from '../../parts/format.ts';
import { Notice, Ready } from '../../parts/states.tsx';
import type { ParamValues } from '../../state/params.ts';
import { hashOf } from '../../state/route.ts';
import type { ChangeParams } from '../../state/use-route.ts';
import { engineMarkersOf } from '../../theme/engine-shapes.ts';
import { useTheme } from '../../theme/theme.ts';
import { configurationsOf, type HistoryMoment, momentsOf } from './configurations.ts';
import { Entries } from './entries.tsx';
import { historyMeasures, type historyParams } from './params.ts';
import { HistoryPicture, historySteps } from './picture.tsx';

type HistoryValues = ParamValues<typeof historyParams>;

interface SeriesHistoryProps {
  readonly shapeKey: string;
  readonly series: Series;
  readonly values: HistoryValues;
  readonly change: ChangeParams<HistoryValues>;
}

export function SeriesHistory({ shapeKey, series, values, change }: SeriesHistoryProps) {
  const loaded = useDocument(`history/${shapeKey}/${series.key}`);
  return (
    <Ready of={loaded} height={560}>
      {(document) => <Chart document={document} series={series} values={values} change={change} />}
    </Ready>
  );
}

function barsWords(moments: readonly HistoryMoment[]): string {
  return moments.some(({ interval }) => interval !== null) ? `; bars are ${percent(0.95)} intervals` : '';
}

/** Measurements that have no such figure are not drawn. */
function leftOut(count: number): string {
  return count === 0 ? '' : `; ${plural(count, 'measurement')} without this figure left out`;
}

interface ChartProps extends Pick<SeriesHistoryProps, 'series' | 'values' | 'change'> {
  readonly document: HistoryDocument;
}

function Chart({ document, series, values, change }: ChartProps) {
  const { mode } = useTheme();
  const names = useNames();
  const markers = engineMarkersOf(shownOf(useDocument('index')));
  const hardware = useDocument('hardware');
  const gpus = useMemo(() => gpusOf(shownOf(hardware), values.constants), [hardware, values.constants]);
  const configurations = useMemo(() => configurationsOf(pointsOf(document)), [document]);
  const asked = historyMeasures.find(({ key }) => key === values.measure);
  const measure = useMemo(() => asked && measureOn(asked, [series.hw]), [asked, series.hw]);
  const configuration = configurations.find(({ key }) => key === values.config) ?? configurations[0];
  const moments = useMemo(
    () => (configuration && measure ? momentsOf(configuration, measure, gpus) : []),
    [configuration, measure, gpus],
  );
  const changes = useMemo(() => changePoints(moments.map(({ value }) => value)), [moments]);
  const entries = document.changelog
    .toSorted((a, b) => (a.addedAt ?? '').localeCompare(b.addedAt ?? ''))
    .map((entry, index) => ({ ...entry, number: index + 1 }));
  if (configuration === undefined || measure === undefined) return null;
  const title = seriesTitle(series, names);
  const look = lookOf(series, { mode, markers });
  const open = (id: string) => {
    location.hash = hashOf('point', { id });
  };
  return (
    <>
      <div class="choices">
        <Choice
          label="Layout and concurrency"
          value={configuration.key}
          options={configurations.map(({ key, layout, conc, points }) => ({
            value: key,
            text: `${layout}, concurrency ${conc} (${points.length})`,
          }))}
          onChange={(config) => change({ config })}
        />
      </div>
      {moments.length === 0 ? (
        <Notice title="This series does not have this measure">
          <p>
            Choose another measure: this one was not measured, or the price or power of this hardware is not
            known.
          </p>
        </Notice>
      ) : (
        <Figure
          topic="throughput"
          title={`${measure.label} over time`}
          note={`${title}, ${configuration.layout}, concurrency ${configuration.conc}; ${measure.unit}, ${measure.better} is better; marks are measurements${moments.length > 1 ? ', dashes only connect them' : ''}${barsWords(moments)}${leftOut(configuration.points.length - moments.length)}`}
          fileName={`${document.shape.key}_${series.key}_${measure.key}`}
          columns={columnsOf(measure.key, measure.unit)}
          rows={moments}
          idOf={({ point }) => point.id}
          height={(width) => (width < 500 ? 300 : 400)}
          legend={[{ key: series.key, name: title, look }]}
          steps={(size) => historySteps({ moments, changes, size, measure, onOpen: open })}
          picture={(size, tokens) => (
            <HistoryPicture
              moments={moments}
              changes={changes}
              entries={entries}
              look={look}
              size={size}
              tokens={tokens}
              unit={measure.unit}
            />
          )}
        />
      )}
      <Entries entries={entries} changes={changes} moments={moments} />
    </>
  );
}

function columnsOf(key: string, unit: string): readonly FigureColumn<HistoryMoment>[] {
  return [
    {
      key: 'measured_at',
      header: 'Measured',
      value: ({ point }) => new Date(point.measuredAtS * 1000).toISOString(),
      show: ({ point }) => moment(point.measuredAtS),
      href: ({ point }) => hashOf('point', { id: point.id }),
    },
    { key: `${key} (${unit})`, header: unit, numeric: true, value: ({ value }) => value },
    {
      key: 'ci low',
      header: `${percent(0.95)} low`,
      numeric: true,
      value: ({ interval }) => interval?.[0] ?? null,
    },
    {
      key: 'ci high',
      header: `${percent(0.95)} high`,
      numeric: true,
      value: ({ interval }) => interval?.[1] ?? null,
    },
    { key: 'verdict', header: 'Verdict', value: ({ point }) => point.verdict },
    { key: 'image', header: 'Image', value: ({ point }) => point.image },
    { key: 'run', header: 'Run', value: ({ point }) => point.run },
  ];
}
