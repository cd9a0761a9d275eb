import type { IndexDocument } from '../../../../src/server/api.ts';
import { inDevices } from '../../data/device.ts';
import { useNames } from '../../data/names.ts';
import { shapeName } from '../../data/points.ts';
import { seriesTitle } from '../../data/server-words.ts';
import { loadHistories } from '../../data/shape-points.ts';
import { shapeAsked, useBasis } from '../../data/use-decision.ts';
import { shownOf, useDocument, useLoaded } from '../../data/use-loaded.ts';
import { Choice, type Option } from '../../parts/choice.tsx';
import { NoMeasurements, Ready } from '../../parts/states.tsx';
import type { ParamValues } from '../../state/params.ts';
import { type QuestionValues, questionParams } from '../../state/question.ts';
import type { Route } from '../../state/route.ts';
import { type ChangeParams, useParams } from '../../state/use-route.ts';
import { BestFigure } from './best-figure.tsx';
import { historyMeasures, historyParams } from './params.ts';
import { SeriesHistory } from './series-history.tsx';

type HistoryValues = ParamValues<typeof historyParams>;

/** How the answer to the question changed, and below it a measure of one configuration over time. */
export function History({ route }: { readonly route: Route }) {
  const [values, change] = useParams(route, historyParams);
  const [question] = useParams(route, questionParams);
  const names = useNames();
  const index = useDocument('index');
  return (
    <Ready of={index} height={800}>
      {(document) => {
        const shape = shapeAsked(document, question);
        if (shape === undefined) return <NoMeasurements />;
        return (
          <>
            <h1 class="decision-title">
              Over time: {names.model(shape.modelPrefix)}, {shapeName(shape)}
            </h1>
            <BestHistory shape={shape} values={question} />
            <h2 class="section-title">One configuration over time</h2>
            <p class="quiet">Of the question above, only the model and the workload apply here.</p>
            <ShapeHistory shape={shape} values={values} change={change} />
          </>
        );
      }}
    </Ready>
  );
}

function BestHistory({
  shape,
  values,
}: {
  readonly shape: IndexDocument['shapes'][number];
  readonly values: QuestionValues;
}) {
  const names = useNames();
  const basis = useBasis(shape);
  const histories = useLoaded(shape.key, async () => ({
    key: shape.key,
    documents: await loadHistories(shape.key),
  }));
  return (
    <Ready of={basis} height={560}>
      {(ready) => (
        <Ready of={histories} height={560}>
          {({ key, documents }) =>
            // The stale value may belong to another shape.
            key !== ready.shape.key ? null : (
              <BestFigure
                basis={ready}
                histories={documents}
                values={values}
                names={names}
                about={`${names.model(ready.shape.modelPrefix)}, ${shapeName(ready.shape)}`}
              />
            )
          }
        </Ready>
      )}
    </Ready>
  );
}

interface ShapeHistoryProps {
  readonly shape: IndexDocument['shapes'][number];
  readonly values: HistoryValues;
  readonly change: ChangeParams<HistoryValues>;
}

function ShapeHistory({ shape, values, change }: ShapeHistoryProps) {
  const names = useNames();
  const loaded = useDocument(`history/${shape.key}`);
  const known = shownOf(loaded)?.series ?? [];
  const series =
    known.find(({ key }) => key === values.series) ?? known.toSorted((a, b) => b.points - a.points)[0];
  const hardware = series === undefined ? [] : [series.hw];
  const unit = historyMeasures.find(({ key }) => key === values.measure)?.unit ?? '';
  return (
    <>
      <form class="choices" aria-label="What is plotted" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label="Series"
          value={series?.key ?? ''}
          options={known.map((one) => ({
            value: one.key,
            text: `${seriesTitle(one, names)} (${one.points})`,
          }))}
          onChange={(key) => change({ series: key, config: '' })}
        />
        <Choice
          label={inDevices(`Measure, ${unit}`, hardware)}
          value={values.measure}
          options={historyMeasures.map(
            ({ key, label, short = label }): Option => ({ value: key, text: inDevices(short, hardware) }),
          )}
          onChange={(measure) => change({ measure })}
        />
      </form>
      <Ready of={loaded} height={560}>
        {(document) =>
          series === undefined || document.shape.key !== shape.key ? null : (
            <SeriesHistory shapeKey={shape.key} series={series} values={values} change={change} />
          )
        }
      </Ready>
    </>
  );
}
