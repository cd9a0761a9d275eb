import type { IndexDocument } from '../../../../src/server/api.ts';
import { seriesName, shapeAddress, shapeName } from '../../data/points.ts';
import { shownOf, useDocument } from '../../data/use-loaded.ts';
import { Choice, type Option } from '../../parts/choice.tsx';
import { NoMeasurements, Ready } from '../../parts/states.tsx';
import type { ParamValues } from '../../state/params.ts';
import type { Route } from '../../state/route.ts';
import { type ChangeParams, useParams } from '../../state/use-route.ts';
import { historyMeasures, historyParams } from './params.ts';
import { SeriesHistory } from './series-history.tsx';

type HistoryValues = ParamValues<typeof historyParams>;

/** A measure of one configuration over time: what changed, when, and what was said about it. */
export function History({ route }: { readonly route: Route }) {
  const [values, change] = useParams(route, historyParams);
  const index = useDocument('index');
  return (
    <Ready of={index} height={800}>
      {({ shapes }) => {
        const shape =
          shapes.find((one) => one.modelPrefix === values.model && shapeAddress(one) === values.shape) ??
          shapes.find(({ modelPrefix }) => modelPrefix === values.model) ??
          shapes[0];
        if (shape === undefined) return <NoMeasurements />;
        return (
          <>
            <div class="page-head">
              <h1>How it changed</h1>
              <p class="quiet">
                One configuration, measured again and again: {shape.modelPrefix}, {shapeName(shape)}.
              </p>
            </div>
            <ShapeHistory shapes={shapes} shape={shape} values={values} change={change} />
          </>
        );
      }}
    </Ready>
  );
}

interface ShapeHistoryProps {
  readonly shapes: IndexDocument['shapes'];
  readonly shape: IndexDocument['shapes'][number];
  readonly values: HistoryValues;
  readonly change: ChangeParams<HistoryValues>;
}

function ShapeHistory({ shapes, shape, values, change }: ShapeHistoryProps) {
  const loaded = useDocument(`history/${shape.key}`);
  const known = shownOf(loaded)?.series ?? [];
  const series =
    known.find(({ key }) => key === values.series) ?? known.toSorted((a, b) => b.points - a.points)[0];
  const models = [...new Set(shapes.map(({ modelPrefix }) => modelPrefix))];
  return (
    <>
      <form class="choices" aria-label="What is followed" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label="Model"
          value={shape.modelPrefix}
          options={models.map((value) => ({ value, text: value }))}
          onChange={(model) => change({ model, shape: '', series: '', config: '' })}
        />
        <Choice
          label="Input / output tokens"
          value={shapeAddress(shape)}
          options={shapes
            .filter(({ modelPrefix }) => modelPrefix === shape.modelPrefix)
            .map((one) => ({ value: shapeAddress(one), text: shapeName(one) }))}
          onChange={(asked) => change({ model: shape.modelPrefix, shape: asked, config: '' })}
        />
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
