import { useMemo } from 'preact/hooks';
import { usualUsdPerKwh } from '../../../../src/derived/cost.ts';
import { type Measure, xMeasures, yMeasures } from '../../../../src/derived/measures.ts';
import type { IndexDocument } from '../../../../src/server/api.ts';
import type { PublishedPoint } from '../../data/points.ts';
import { Choice, type Option } from '../../parts/choice.tsx';
import { NumberField } from '../../parts/number-field.tsx';
import { kwhBounds } from '../../state/question.ts';
import type { ChangeParams } from '../../state/use-route.ts';
import { Facets } from './facets.tsx';
import { type ExploreValues, withY } from './params.ts';
import { WhenChoice } from './when-choice.tsx';

interface ControlsProps {
  readonly index: IndexDocument;
  readonly points: readonly PublishedPoint[];
  readonly values: ExploreValues;
  readonly change: ChangeParams<ExploreValues>;
}

/** All choices of the view, the most important ones first. */
export function Controls({ index, points, values, change }: ControlsProps) {
  const { multinode, disagg } = useMemo(
    () => ({
      multinode: points.some(({ series }) => series.multinode),
      disagg: points.some(({ series }) => series.disagg),
    }),
    [points],
  );
  const hasModelled = yMeasures.some(({ key, modelled }) => key === values.y && modelled !== undefined);
  return (
    <form class="controls" aria-label="What the chart shows" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label={`Y axis, ${unitOf(yMeasures, values.y)}`}
        value={values.y}
        options={yMeasures.map(optionOf)}
        onChange={(y) => change({ ...withY(y as ExploreValues['y'], values.x), zoom: undefined })}
      />
      {values.y.endsWith('-electricity') && (
        <NumberField
          label="Electricity, $ per kWh"
          value={values.kwh}
          placeholder={String(usualUsdPerKwh)}
          bounds={kwhBounds}
          step={0.01}
          onChange={(kwh) => change({ kwh, zoom: undefined }, 'replace')}
        />
      )}
      <Choice
        label={`X axis, ${unitOf(xMeasures, values.x)}`}
        value={values.x}
        options={xMeasures.map(optionOf)}
        onChange={(x) => change({ x: x as ExploreValues['x'], zoom: undefined })}
      />
      <Facets points={points} values={values} change={change} />
      {disagg && (
        <Choice
          label="Disaggregated"
          value={values.disagg}
          options={[
            { value: 'any', text: 'With and without' },
            { value: 'no', text: 'Without' },
            { value: 'yes', text: 'Only' },
          ]}
          onChange={(asked) => change({ disagg: asked as ExploreValues['disagg'], zoom: undefined })}
        />
      )}
      {multinode && (
        <Choice
          label="Nodes"
          value={values.nodes}
          options={[
            { value: 'any', text: 'Any number' },
            { value: 'one', text: 'One node' },
            { value: 'many', text: 'Several nodes' },
          ]}
          onChange={(nodes) => change({ nodes: nodes as ExploreValues['nodes'], zoom: undefined })}
        />
      )}
      <WhenChoice
        label="Measurements"
        none="The latest of each"
        value={values.when}
        runs={index.newestRuns}
        onChange={(when) => change({ when, zoom: undefined, pin: [] })}
      />
      <WhenChoice
        label="Compare with"
        none="Nothing"
        value={values.compare}
        runs={index.newestRuns}
        onChange={(compare) => change({ compare, zoom: undefined })}
      />
      <fieldset class="facet">
        <legend>Drawing</legend>
        <Check
          label="Only the frontiers"
          checked={values.show === 'frontier'}
          onChange={(on) => change({ show: on ? 'frontier' : 'all', zoom: undefined })}
        />
        {hasModelled && (
          <Check
            label="Modelled values, too"
            checked={values.modelled}
            onChange={(on) => change({ modelled: on, hide: [], zoom: undefined })}
          />
        )}
        <Check
          label="Logarithmic y axis"
          checked={!values.liny}
          onChange={(on) => change({ liny: !on, zoom: undefined })}
        />
        <Check
          label="Logarithmic x axis"
          checked={!values.linx}
          onChange={(on) => change({ linx: !on, zoom: undefined })}
        />
      </fieldset>
    </form>
  );
}

function Check({
  label,
  checked,
  onChange,
}: {
  readonly label: string;
  readonly checked: boolean;
  onChange(on: boolean): void;
}) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** Measures are grouped by what they measure, which their keys name. */
function optionOf({ key, label, short = label }: Measure): Option {
  const families: readonly (readonly [RegExp, string])[] = [
    [/-tput$/, 'Throughput per GPU'],
    [/-per-mw$/, 'Throughput per megawatt'],
    [/host-(energy|power)$/, 'Measured power, machine'],
    [/^(prefill|decode)-measured/, 'Measured power by role'],
    [/-measured-energy$|^measured-power/, 'Measured power, GPUs'],
    [/-electricity$/, 'Electricity at measured power'],
    [/-per-dollar-/, 'Tokens per dollar'],
    [/-energy$/, 'All-in energy, modelled'],
    [/^goodput$|^slo-/, 'Within limits'],
    [/-cost-/, 'Cost'],
    [/-interactivity$/, 'Interactivity'],
    [/-e2el$/, 'End-to-end latency'],
    [/-ttft$/, 'Time to first token'],
  ];
  const group = families.find(([pattern]) => pattern.test(key))?.[1];
  return { value: key, text: short, group };
}

/** The unit is above the list, where it is never cut off. */
function unitOf(measures: readonly Measure[], chosen: string): string {
  return measures.find(({ key }) => key === chosen)?.unit ?? '';
}
