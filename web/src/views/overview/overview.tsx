import { payers } from '../../../../src/derived/cost.ts';
import { payerLabels } from '../../../../src/derived/measures.ts';
import type { OverviewDocument } from '../../../../src/server/api.ts';
import { shownOf, useDocument } from '../../data/use-loaded.ts';
import { Choice } from '../../parts/choice.tsx';
import { NoMeasurements, Ready } from '../../parts/states.tsx';
import { useGrowing } from '../../parts/use-growing.ts';
import type { ParamValues } from '../../state/params.ts';
import type { Route } from '../../state/route.ts';
import { type ChangeParams, useParams } from '../../state/use-route.ts';
import { Changes } from './changes.tsx';
import { overviewParams } from './params.ts';
import { ShapeCard } from './shape-card.tsx';

type OverviewValues = ParamValues<typeof overviewParams>;

/** The answer first: per model and shape, which hardware is best at a speed, and what changed lately. */
export function Overview({ route }: { readonly route: Route }) {
  const [values, change] = useParams(route, overviewParams);
  const overview = useDocument('overview');
  const staleAfterDays = shownOf(useDocument('index'))?.staleAfterDays;
  return (
    <Ready of={overview} height={900}>
      {(document) =>
        document.shapes.length === 0 ? (
          <NoMeasurements />
        ) : (
          <>
            <div class="page-head">
              <h1>Which hardware serves your model best?</h1>
              <p class="quiet">
                The best frontier of each hardware, read at a speed per user that you choose. Every figure is
                measured, or on the straight line between two measurements; none is extrapolated.
              </p>
            </div>
            <Choices document={document} values={values} change={change} />
            <ShapeCards document={document} values={values} staleAfterDays={staleAfterDays} />
            <Changes document={document} />
          </>
        )
      }
    </Ready>
  );
}

function ShapeCards({
  document,
  values,
  staleAfterDays,
}: {
  readonly document: OverviewDocument;
  readonly values: OverviewValues;
  readonly staleAfterDays: number | undefined;
}) {
  const shapes = document.shapes.filter(
    ({ modelPrefix }) => values.model === '' || modelPrefix === values.model,
  );
  const drawn = useGrowing(shapes.length, { first: 2, step: 3 });
  return (
    <>
      {shapes.map((shape, index) =>
        index < drawn ? (
          <ShapeCard key={shape.key} shape={shape} values={values} staleAfterDays={staleAfterDays} />
        ) : (
          <div key={shape.key} class="card shape-card-place" />
        ),
      )}
    </>
  );
}

function Choices({
  document,
  values,
  change,
}: {
  readonly document: OverviewDocument;
  readonly values: OverviewValues;
  readonly change: ChangeParams<OverviewValues>;
}) {
  const models = [...new Set(document.shapes.map(({ modelPrefix }) => modelPrefix))];
  const offered = document.shapes.flatMap((shape) => shape.levels.map((level) => level.medianInteractivity));
  // A level that an address asks for may be of other times; it is shown as asked, and the nearest one answers.
  const levels = [...new Set([...offered, ...(values.level === undefined ? [] : [values.level])])];
  return (
    <form class="choices" aria-label="What is ranked" onSubmit={(event) => event.preventDefault()}>
      {models.length > 1 && (
        <Choice
          label="Model"
          value={values.model}
          options={[{ value: '', text: 'All models' }, ...models.map((value) => ({ value, text: value }))]}
          onChange={(model) => change({ model })}
        />
      )}
      <Choice
        label="Speed per user, median"
        value={values.level === undefined ? '' : String(values.level)}
        options={[
          { value: '', text: 'A middle speed of each' },
          ...levels
            .toSorted((a, b) => a - b)
            .map((level) => ({ value: String(level), text: `${level} tok/s per user` })),
        ]}
        onChange={(level) => change({ level: level === '' ? undefined : Number(level) })}
      />
      <Choice
        label="Ranked by"
        value={values.by}
        options={[
          { value: 'throughput', text: 'Throughput per GPU' },
          { value: 'cost', text: 'Cost per million tokens' },
          { value: 'power', text: 'Throughput per megawatt' },
        ]}
        onChange={(by) => change({ by: by as OverviewValues['by'] })}
      />
      {values.by === 'cost' && (
        <Choice
          label="Who pays"
          value={values.payer}
          options={payers.map((payer) => ({ value: payer, text: payerLabels[payer] }))}
          onChange={(payer) => change({ payer: payer as OverviewValues['payer'] })}
        />
      )}
    </form>
  );
}
