import { useMemo } from 'preact/hooks';
import { monthsOfConstants } from '../../../../src/derived/constants-as-of.ts';
import { hardwareAsOf } from '../../data/hardware-as-of.ts';
import { useNames } from '../../data/names.ts';
import { shapeName } from '../../data/points.ts';
import { parsePrices } from '../../data/prices.ts';
import { type DecisionBasis, shapeAsked, useBasis, useDecided } from '../../data/use-decision.ts';
import { shownOf, useDocument } from '../../data/use-loaded.ts';
import { PriceDates } from '../../parts/price-dates.tsx';
import { Remarks } from '../../parts/remarks.tsx';
import { NoMeasurements, Ready } from '../../parts/states.tsx';
import { needOf } from '../../state/question.ts';
import type { Route } from '../../state/route.ts';
import { type ChangeParams, useParams } from '../../state/use-route.ts';
import { CostAnswerText } from './answer.tsx';
import { CostFigure } from './cost-figure.tsx';
import { costRows } from './cost-rows.ts';
import { CostForm } from './form.tsx';
import { type CostValues, costParams } from './params.ts';

/** What a million tokens cost on each hardware type, at the reader's own prices: the front page's decision in dollars. */
export function Cost({ route }: { readonly route: Route }) {
  const [values, change] = useParams(route, costParams);
  const index = useDocument('index');
  const known = shownOf(index);
  const shape = known && shapeAsked(known, values);
  const basis = useBasis(shape);
  return (
    <Ready of={index} height={800}>
      {() =>
        shape === undefined ? (
          <NoMeasurements />
        ) : (
          <Ready of={basis} height={700}>
            {(ready) => <ShapeCost values={values} change={change} basis={ready} />}
          </Ready>
        )
      }
    </Ready>
  );
}

interface ShapeCostProps {
  readonly basis: DecisionBasis;
  readonly values: CostValues;
  readonly change: ChangeParams<CostValues>;
}

function ShapeCost({ basis, values, change }: ShapeCostProps) {
  const decided = useDecided(basis, values);
  const { decision, prices, speed } = decided;
  const { shape, hardware } = basis;
  const names = useNames();
  const need = useMemo(() => needOf(values, speed), [values, speed]);
  const rows = useMemo(
    () => costRows(decision.rows, prices, values.tokens),
    [decision, prices, values.tokens],
  );
  return (
    <>
      <div class="page-head">
        <h1>What do tokens cost?</h1>
        <p class="quiet">
          {names.model(shape.modelPrefix)}, {shapeName(shape)}.{' '}
          <PriceDates
            hardware={hardwareAsOf(hardware, values.constants)}
            payer={values.payer}
            own={[...parsePrices(values.prices).keys()].map(names.hardware)}
          />
        </p>
        <Remarks shape={shape} />
      </div>
      <div class="cost">
        <div>
          <CostAnswerText rows={rows} decided={decided} need={need} names={names} values={values} />
          {rows.length > 0 && <CostFigure rows={rows} decided={decided} names={names} values={values} />}
        </div>
        <CostForm
          prices={prices}
          months={monthsOfConstants(hardware.gpus)}
          names={names}
          values={values}
          change={change}
        />
      </div>
    </>
  );
}
