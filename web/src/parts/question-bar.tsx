import { useMemo } from 'preact/hooks';
import type { ArrivalPolicy } from '../../../src/derived/arrival.ts';
import { payers } from '../../../src/derived/cost.ts';
import { payerLabels } from '../../../src/derived/measures.ts';
import { useNames } from '../data/names.ts';
import { shapeAddress, shapeName } from '../data/points.ts';
import { scenarioOption } from '../data/scenario-words.ts';
import { type ChartFilter, chartFilters, shapesAsked } from '../data/shapes-asked.ts';
import { expectBasis, type IndexShape, shapeAsked } from '../data/use-decision.ts';
import { shownOf, useDocument } from '../data/use-loaded.ts';
import { type QuestionValues, questionParams, speedBounds, ttftBounds } from '../state/question.ts';
import type { AskedIn, QuestionPart } from '../state/question-parts.ts';
import type { Route } from '../state/route.ts';
import { type ChangeParams, useParams } from '../state/use-route.ts';
import { Choice } from './choice.tsx';
import { percent, quantity, shortNumber } from './format.ts';
import { NumberField } from './number-field.tsx';

/** Choices of views that have no meaning for another model or workload. */
const ofOneShape = ['zoom', 'pin', 'hide', 'open', 'config', 'series', 'run'] as const;

/** The parts of the question that a view depends on; the whole question is kept in the address. */
export function QuestionBar({ route, asked }: { readonly route: Route; readonly asked: AskedIn }) {
  const { parts, isOpen } = asked;
  const [values, change] = useParams(route, questionParams);
  const index = shownOf(useDocument('index'));
  const names = useNames();
  const shape = index && shapeAsked(index, values);
  const usual = shownOf(useDocument(shape && `answers/${shape.key}`));
  const speed = values.speed ?? usual?.roundSpeeds[values.stat];
  // Views can change the rest of the address many times per second.
  const fields = useMemo(
    () =>
      index &&
      shape && (
        <Fields
          values={values}
          change={change}
          shape={shape}
          speed={speed}
          shapes={index.shapes}
          model={names.model}
          parts={parts}
        />
      ),
    [values, change, shape, speed, index, names, parts],
  );
  if (index === undefined || shape === undefined) return <div class="question question-place" />;

  const summary = parts.flatMap((part) => partWords(part, values, { shape, speed, model: names.model }));
  return (
    <details
      class={isOpen ? 'question answering' : 'question'}
      open={isOpen && matchMedia('(min-width: 60rem)').matches}
      // A pointer or focus here means that the question is about to change.
      onPointerEnter={() => isOpen && expectBasis(shape)}
      onFocusIn={() => isOpen && expectBasis(shape)}
    >
      <summary>
        {asked.for !== undefined && <span class="quiet">{asked.for}: </span>}
        <b>{summary.join(' · ')}</b> <span class="quiet">change the question</span>
      </summary>
      {fields}
    </details>
  );
}

/** A part of the question in the summary; the share of users is said with the speed. */
function partWords(
  part: QuestionPart,
  values: QuestionValues,
  {
    shape,
    speed,
    model,
  }: {
    readonly shape: IndexShape;
    readonly speed: number | undefined;
    readonly model: (prefix: string) => string;
  },
): readonly string[] {
  switch (part) {
    case 'subject':
      return [model(shape.modelPrefix), shapeName(shape)];
    case 'speed':
      return speed === undefined
        ? []
        : [`≥\u00a0${quantity(shortNumber(speed), 'tok/s')} per user (${values.stat})`];
    case 'firstToken':
      return values.ttft === 'none'
        ? ['any first token']
        : [`first token ≤\u00a0${quantity(values.ttft, 's')} (${values.ttftof})`];
    case 'arrival':
      return values.arrival === 'any' ? [] : ['smooth arrival'];
    case 'precision':
      return [policyWords(values.allow)];
    case 'prices':
      return [`prices: ${payerLabels[values.payer]}`];
    case 'share':
      return [];
  }
}

function policyWords(allow: string): string {
  if (allow === 'any') return 'any precision';
  return allow === 'passed' ? 'accuracy passed' : `${allow.toUpperCase()} only`;
}

function Fields({
  values,
  change,
  shapes,
  shape,
  speed,
  model,
  parts,
}: {
  readonly values: QuestionValues;
  readonly change: ChangeParams<QuestionValues>;
  readonly shapes: readonly IndexShape[];
  readonly shape: IndexShape;
  readonly speed: number | undefined;
  readonly model: (prefix: string) => string;
  readonly parts: readonly QuestionPart[];
}) {
  const has = (part: QuestionPart) => parts.includes(part);
  const models = [...new Set(shapes.map(({ modelPrefix }) => modelPrefix))];
  const ofModel = shapes.filter(({ modelPrefix }) => modelPrefix === shape.modelPrefix);
  return (
    <form class="question-fields" aria-label="The question" onSubmit={(event) => event.preventDefault()}>
      {has('subject') && (
        <>
          <Choice
            label="Model"
            value={shape.modelPrefix}
            options={models.map((value) => ({ value, text: model(value) }))}
            onChange={(asked) => change({ model: asked, shape: '' }, 'step', ofOneShape)}
          />
          {chartFilters.map((filter) => {
            const { name, label, of } = filter;
            const isScenario = name === 'scenario';
            const offered = [...new Set((isScenario ? shapes : ofModel).map(of))];
            if (offered.length < 2) return null;
            const options = offered.map((value) =>
              isScenario ? scenarioOption(value) : { value, text: value },
            );
            return (
              <Choice
                key={name}
                label={label}
                value={isScenario ? of(shape) : values[name]}
                options={isScenario ? options : [{ value: '', text: 'Any' }, ...options]}
                onChange={(asked) =>
                  change(
                    { [name]: asked, shape: '', ...modelWith(filter, asked, shapes, ofModel) },
                    'step',
                    ofOneShape,
                  )
                }
              />
            );
          })}
          <Choice
            label="Workload, tokens"
            value={shapeAddress(shape)}
            options={shapesAsked(ofModel, values).map((one) => ({
              value: shapeAddress(one),
              text: shapeName(one),
            }))}
            onChange={(asked) => change({ model: shape.modelPrefix, shape: asked }, 'step', ofOneShape)}
          />
        </>
      )}
      {has('speed') && (
        <div class="question-speed">
          <NumberField
            label="tok/s per user"
            value={speed}
            bounds={speedBounds}
            step={1}
            onChange={(asked) => change({ speed: asked }, 'replace')}
          />
          <input
            type="range"
            aria-label="Speed, tok/s per user, by slider"
            min={0}
            max={sliderSteps}
            value={speed === undefined ? 0 : placeOnSlider(speed)}
            onInput={(event) => change({ speed: speedAt(Number(event.currentTarget.value)) }, 'replace')}
          />
        </div>
      )}
      {has('share') && (
        <Choice
          label="of users"
          value={values.stat}
          options={shares}
          onChange={(stat) => change({ stat: stat as QuestionValues['stat'] })}
        />
      )}
      {has('firstToken') && (
        <>
          <NumberField
            label="First token, s"
            value={values.ttft === 'none' ? undefined : values.ttft}
            placeholder="no limit"
            bounds={ttftBounds}
            step={0.5}
            onChange={(ttft) => change({ ttft: ttft ?? 'none' }, 'replace')}
          />
          <Choice
            label="of requests"
            value={values.ttftof}
            options={shares}
            onChange={(of) => change({ ttftof: of as QuestionValues['ttftof'] })}
          />
        </>
      )}
      {has('arrival') && (
        <Choice
          label="Arrival"
          value={values.arrival}
          options={arrivals}
          onChange={(arrival) => change({ arrival: arrival as QuestionValues['arrival'] })}
        />
      )}
      {has('precision') && (
        <Choice
          label="Precision"
          value={values.allow}
          options={[
            { value: 'any', text: 'any' },
            { value: 'passed', text: 'passed accuracy' },
            ...shape.precisions.map((value) => ({ value, text: `${value.toUpperCase()} only` })),
          ]}
          onChange={(allow) => change({ allow })}
        />
      )}
      {has('prices') && (
        <Choice
          label="Prices"
          value={values.payer}
          options={payers.map((value) => ({ value, text: payerLabels[value] }))}
          onChange={(payer) => change({ payer: payer as QuestionValues['payer'] })}
        />
      )}
    </form>
  );
}

/** The model with the most points that has the requested value, if the current one has none. */
function modelWith(
  { of }: ChartFilter,
  asked: string,
  shapes: readonly IndexShape[],
  ofModel: readonly IndexShape[],
): { readonly model?: string } {
  if (asked === '' || ofModel.some((shape) => of(shape) === asked)) return {};
  const [first] = shapes.filter((shape) => of(shape) === asked).toSorted((a, b) => b.points - a.points);
  return first === undefined ? {} : { model: first.modelPrefix };
}

/** The share of users or requests for which a limit holds. */
const shares = [
  { value: 'median', text: 'half' },
  { value: 'p90', text: percent(0.9) },
  { value: 'p99', text: percent(0.99) },
] as const;

/** How tokens may arrive. */
const arrivals: readonly { readonly value: ArrivalPolicy; readonly text: string }[] = [
  { value: 'any', text: 'any' },
  { value: 'smooth', text: 'smooth' },
];

const sliderSteps = 300;
const sliderRange = [1, 1000] as const;

/** Logarithmic steps, rounded to two digits. */
function speedAt(place: number): number {
  const [low, high] = sliderRange;
  return Number((low * (high / low) ** (place / sliderSteps)).toPrecision(2));
}

function placeOnSlider(speed: number): number {
  const [low, high] = sliderRange;
  return Math.round((sliderSteps * Math.log(speed / low)) / Math.log(high / low));
}
