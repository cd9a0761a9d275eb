import { payers } from '../../../../src/derived/cost.ts';
import { payerLabels } from '../../../../src/derived/measures.ts';
import { tokenKinds } from '../../../../src/derived/throughput.ts';
import type { IndexDocument } from '../../../../src/server/api.ts';
import { shapeAddress, shapeName } from '../../data/points.ts';
import { Choice } from '../../parts/choice.tsx';
import { NumberField } from '../../parts/number-field.tsx';
import type { ChangeParams } from '../../state/use-route.ts';
import { type CostValues, formatPrices, parsePrices } from './params.ts';
import type { Priced } from './prices.ts';

interface CostFormProps {
  readonly shapes: IndexDocument['shapes'];
  readonly shape: IndexDocument['shapes'][number];
  readonly prices: ReadonlyMap<string, Priced>;
  readonly target: number;
  readonly values: CostValues;
  readonly change: ChangeParams<CostValues>;
}

export function CostForm({ shapes, shape, prices, target, values, change }: CostFormProps) {
  const models = [...new Set(shapes.map(({ modelPrefix }) => modelPrefix))];
  const given = parsePrices(values.prices);
  const setPrice = (hw: string, price: number | undefined) => {
    const next = new Map(given);
    if (price === undefined) next.delete(hw);
    else next.set(hw, price);
    change({ prices: formatPrices(next) }, 'replace');
  };
  return (
    <form
      class="controls cost-form"
      aria-label="Your prices and needs"
      onSubmit={(event) => event.preventDefault()}
    >
      <Choice
        label="Model"
        value={shape.modelPrefix}
        options={models.map((value) => ({ value, text: value }))}
        onChange={(model) => change({ model, shape: '', target: undefined })}
      />
      <Choice
        label="Input / output tokens"
        value={shapeAddress(shape)}
        options={shapes
          .filter(({ modelPrefix }) => modelPrefix === shape.modelPrefix)
          .map((one) => ({ value: shapeAddress(one), text: shapeName(one) }))}
        onChange={(asked) => change({ model: shape.modelPrefix, shape: asked, target: undefined })}
      />
      <NumberField
        label="Speed each user must get, tok/s"
        value={target}
        min={0.001}
        step={1}
        onChange={(value) => change({ target: value }, 'replace')}
      />
      <Choice
        label="For how many of the users"
        value={values.stat}
        options={[
          { value: 'median', text: 'Half of them (median)' },
          { value: 'p90', text: '90 % of them (p90)' },
          { value: 'p99', text: '99 % of them (p99)' },
        ]}
        onChange={(stat) => change({ stat: stat as CostValues['stat'] })}
      />
      <Choice
        label="Cost of"
        value={values.tokens}
        options={tokenKinds.map((value) => ({ value, text: `${value} tokens` }))}
        onChange={(tokens) => change({ tokens: tokens as CostValues['tokens'] })}
      />
      {shape.precisions.length > 1 && (
        <Choice
          label="Precision"
          value={values.precision[0] ?? ''}
          options={[
            { value: '', text: 'The best of any' },
            ...shape.precisions.map((value) => ({ value, text: value })),
          ]}
          onChange={(precision) => change({ precision: precision === '' ? [] : [precision] })}
        />
      )}
      <Choice
        label="Who pays"
        value={values.payer}
        options={payers.map((value) => ({ value, text: payerLabels[value] }))}
        onChange={(payer) => change({ payer: payer as CostValues['payer'] })}
      />
      <fieldset class="facet prices">
        <legend>Your price, $ per GPU and hour</legend>
        {[...prices].map(([hw, { own, usual }]) => (
          <NumberField
            key={hw}
            label={hw}
            value={own}
            placeholder={usual === undefined ? 'unknown' : String(usual)}
            min={0.0001}
            step={0.01}
            onChange={(price) => setPrice(hw, price)}
          />
        ))}
      </fieldset>
      <NumberField
        label="Electricity on top, $ per kWh"
        value={values.kwh}
        placeholder="included"
        min={0}
        step={0.01}
        onChange={(kwh) => change({ kwh }, 'replace')}
      />
    </form>
  );
}
