import { useMemo } from 'preact/hooks';
import type { HardwareDocument, IndexDocument } from '../../../../src/server/api.ts';
import { gpusOf } from '../../data/measured.ts';
import { shapeAddress, shapeName } from '../../data/points.ts';
import { loadPoints } from '../../data/shape-points.ts';
import { shownOf, useDocument, useLoaded } from '../../data/use-loaded.ts';
import { NoMeasurements, Ready } from '../../parts/states.tsx';
import type { Route } from '../../state/route.ts';
import { type ChangeParams, useParams } from '../../state/use-route.ts';
import { CostAnswerText } from './answer.tsx';
import { CostFigure } from './cost-figure.tsx';
import { costRanking } from './cost-ranking.ts';
import { CostForm } from './form.tsx';
import { type CostValues, costParams } from './params.ts';
import { defaultTarget, pricesOf } from './prices.ts';

/** What a million tokens cost on each hardware, by the reader's own prices, at the speed the reader needs. */
export function Cost({ route }: { readonly route: Route }) {
  const [values, change] = useParams(route, costParams);
  const index = useDocument('index');
  const hardware = useDocument('hardware');
  return (
    <Ready of={index} height={800}>
      {({ shapes }) => {
        const ofModel = shapes.filter(({ modelPrefix }) => modelPrefix === values.model);
        const shape = ofModel.find((one) => shapeAddress(one) === values.shape) ?? ofModel[0] ?? shapes[0];
        if (shape === undefined) return <NoMeasurements />;
        return (
          <>
            <div class="page-head">
              <h1>What do tokens cost?</h1>
              <p class="quiet">
                {shape.modelPrefix}, {shapeName(shape)}: your prices, the speed your users need, and what was
                measured.
              </p>
            </div>
            <Ready of={hardware} height={700}>
              {(constants) => (
                <ShapeCost
                  shapes={shapes}
                  shape={shape}
                  constants={constants}
                  values={values}
                  change={change}
                />
              )}
            </Ready>
          </>
        );
      }}
    </Ready>
  );
}

interface ShapeCostProps {
  readonly shapes: IndexDocument['shapes'];
  readonly shape: IndexDocument['shapes'][number];
  readonly constants: HardwareDocument;
  readonly values: CostValues;
  readonly change: ChangeParams<CostValues>;
}

function ShapeCost({ shapes, shape, constants, values, change }: ShapeCostProps) {
  const loaded = useLoaded(shape.key, async () => ({
    key: shape.key,
    points: await loadPoints(shape.key, { kind: 'latest' }),
  }));
  const gpus = useMemo(() => gpusOf(constants), [constants]);
  const all = shownOf(loaded)?.points;
  const points = useMemo(
    () =>
      (all ?? []).filter(
        ({ series }) => values.precision.length === 0 || values.precision.includes(series.precision),
      ),
    [all, values.precision],
  );
  const prices = useMemo(
    () => pricesOf(shape.hardware, constants, values),
    [shape.hardware, constants, values.prices, values.payer, values.kwh],
  );
  const target = values.target ?? defaultTarget(points, values.stat);
  const { tokens, stat } = values;
  const ranking = useMemo(
    () =>
      costRanking(points, gpus, {
        tokens,
        statistic: stat,
        target,
        priceOf: (hw) => prices.get(hw)?.price ?? null,
      }),
    [points, gpus, tokens, stat, target, prices],
  );
  return (
    <div class="cost">
      <CostForm
        shapes={shapes}
        shape={shape}
        prices={prices}
        target={target}
        values={values}
        change={change}
      />
      <Ready of={loaded} height={500}>
        {() => (
          <div>
            <CostAnswerText ranking={ranking} target={target} values={values} />
            {ranking.answers.length > 0 && (
              <CostFigure
                ranking={ranking}
                target={target}
                values={values}
                prices={prices}
                shapeKey={shape.key}
              />
            )}
          </div>
        )}
      </Ready>
    </div>
  );
}
