import type { IndexDocument } from '../../../../src/server/api.ts';
import { useNames } from '../../data/names.ts';
import { seriesName, shapeName } from '../../data/points.ts';
import { shapeAsked } from '../../data/use-decision.ts';
import { shownOf, useDocument } from '../../data/use-loaded.ts';
import { Choice, type Option } from '../../parts/choice.tsx';
import { NoMeasurements, Ready } from '../../parts/states.tsx';
import type { ParamValues } from '../../state/params.ts';
import { questionParams } from '../../state/question.ts';
import type { Route } from '../../state/route.ts';
import { type ChangeParams, useParams } from '../../state/use-route.ts';
import { historyMeasures, historyParams } from './params.ts';
import { SeriesHistory } from './series-history.tsx';

type HistoryValues = ParamValues<typeof historyParams>;

/** A measure of one configuration over time: what changed, when, and what was said about it. */
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
            <div class="page-head">
              <h1>How it changed</h1>
              <p class="quiet">
                One configuration, measured again and again: {names.model(shape.modelPrefix)},{' '}
                {shapeName(shape)}.
              </p>
            </div>
            <ShapeHistory shape={shape} values={values} change={change} />
          </>
        );
      }}
    </Ready>
  );
}

interface ShapeHistoryProps {
  readonly shape: IndexDocument['shapes'][number];
  readonly values: HistoryValues;
  readonly change: ChangeParams<HistoryValues>;
}

function ShapeHistory({ shape, values, change }: ShapeHistoryProps) {
  const loaded = useDocument(`history/${shape.key}`);
  const known = shownOf(loaded)?.series ?? [];
  const series =
    known.find(({ key }) => key === values.series) ?? known.toSorted((a, b) => b.points - a.points)[0];
  return (
    <>
      <form class="choices" aria-label="What is followed" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label="Series"
          value={series?.key ?? ''}
          options={known.map((one) => ({ value: one.key, text: `${seriesName(one)} (${one.points})` }))}
          onChange={(key) => change({ series: key, config: '' })}
        />
        <Choice
          label="Measure"
          value={values.measure}
          options={historyMeasures.map(
            ({ key, label, unit }): Option => ({ value: key, text: `${label}, ${unit}` }),
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
