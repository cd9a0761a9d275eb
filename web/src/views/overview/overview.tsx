import { useMemo } from 'preact/hooks';
import type { IndexDocument } from '../../../../src/server/api.ts';
import { sentences, withoutFiguresWords } from '../../data/decision-words.ts';
import { hardwareAsOf } from '../../data/hardware-as-of.ts';
import { type Names, namesIn } from '../../data/names-in.ts';
import { shapeName } from '../../data/points.ts';
import { parsePrices } from '../../data/prices.ts';
import type { ShownAnswer } from '../../data/shown-answer.ts';
import { useAnswered } from '../../data/use-answered.ts';
import { shapeAsked } from '../../data/use-decision.ts';
import { shownOf, useDocument } from '../../data/use-loaded.ts';
import { About } from '../../parts/about.tsx';
import { Absent } from '../../parts/absent.tsx';
import { PriceDates } from '../../parts/price-dates.tsx';
import { Remarks } from '../../parts/remarks.tsx';
import { NoMeasurements, Ready } from '../../parts/states.tsx';
import type { Route } from '../../state/route.ts';
import { type ChangeParams, useParams } from '../../state/use-route.ts';
import { Changes } from './changes.tsx';
import { DecisionTable } from './decision-table.tsx';
import { EnvelopeFigure } from './envelope-figure.tsx';
import { type OverviewValues, overviewParams } from './params.ts';

/** The answer: what each hardware type delivers at a speed and within limits, and what changed recently. */
export function Overview({ route }: { readonly route: Route }) {
  const [values, change] = useParams(route, overviewParams);
  const index = useDocument('index');
  const known = shownOf(index);
  const shape = known && shapeAsked(known, values);
  const answered = useAnswered(shape, values);
  return (
    <Ready of={index} height={900}>
      {(document) =>
        shape === undefined ? (
          <NoMeasurements />
        ) : (
          <Ready of={answered} height={900}>
            {(ready) => <Answer index={document} values={values} change={change} answered={ready} />}
          </Ready>
        )
      }
    </Ready>
  );
}

function Answer({
  index,
  answered,
  values,
  change,
}: {
  readonly index: IndexDocument;
  readonly answered: ShownAnswer;
  readonly values: OverviewValues;
  readonly change: ChangeParams<OverviewValues>;
}) {
  const { shape, need, decision } = answered;
  const names = useMemo(() => namesIn(index), [index]);
  const words = useMemo(() => sentences(decision, need, names), [decision, need, names]);
  const indexed = index.shapes.find(({ key }) => key === shape.key);
  const about = `${names.model(shape.modelPrefix)}, ${shapeName(shape)}`;
  return (
    <>
      <section data-shape={shape.key} aria-label={about}>
        <div class="figure-title">
          <h1 class="decision-title">{about}</h1> <About topic="answer" of="the answer" />
        </div>
        <p class="answer" aria-live="polite">
          {words.answer}
        </p>
        {words.beside !== '' && <p class="beside">{words.beside}</p>}
        {indexed && <Remarks shape={indexed} />}
        {decision.rows.length > 0 && (
          <DecisionTable
            rows={decision.rows}
            need={need}
            names={names}
            values={values}
            change={change}
            staleAfterDays={index.staleAfterDays}
            caption={`${about}: the best server of each hardware type`}
          />
        )}
        {decision.rows.some(({ usdPerMillion }) => usdPerMillion !== null) && (
          <PriceBasis values={values} names={names} />
        )}
        <Absent title="Not in the table" absent={decision.absent} need={need} names={names} />
        {decision.withoutFigures > 0 && <p class="absent">{withoutFiguresWords(decision.withoutFigures)}</p>}
        <EnvelopeFigure answered={answered} names={names} about={about} />
      </section>
      <LatestChanges names={names} />
    </>
  );
}

/** Loaded after the answer, which does not need it. */
function PriceBasis({ values, names }: { readonly values: OverviewValues; readonly names: Names }) {
  const hardware = shownOf(useDocument('hardware'));
  const own = [...parsePrices(values.prices).keys()].map(names.hardware);
  return (
    <p class="absent">
      {hardware === undefined ? (
        '…'
      ) : (
        <PriceDates hardware={hardwareAsOf(hardware, values.constants)} payer={values.payer} own={own} />
      )}
    </p>
  );
}

/** A separate component, so that the answer is not rendered again when they arrive. */
function LatestChanges({ names }: { readonly names: Names }) {
  const overview = shownOf(useDocument('overview'));
  return overview === undefined ? null : <Changes document={overview} names={names} />;
}
