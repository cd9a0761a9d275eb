import { tokenKinds } from '../../../../src/derived/throughput.ts';
import { tokenWords } from '../../data/decision-words.ts';
import { inDevices } from '../../data/device.ts';
import type { Names } from '../../data/names.ts';
import { formatPrices, type Priced, parsePrices } from '../../data/prices.ts';
import { Choice } from '../../parts/choice.tsx';
import { NumberField } from '../../parts/number-field.tsx';
import { monthName } from '../../parts/price-age.ts';
import { kwhBounds } from '../../state/question.ts';
import type { ChangeParams } from '../../state/use-route.ts';
import type { CostValues } from './params.ts';

/** $ per GPU and hour. */
const priceBounds = { min: 0.0001, max: Number.POSITIVE_INFINITY };

interface CostFormProps {
  readonly prices: ReadonlyMap<string, Priced>;
  /** The months in which prices or power changed, newest first. */
  readonly months: readonly string[];
  readonly names: Names;
  readonly values: CostValues;
  readonly change: ChangeParams<CostValues>;
}

/** Prices, besides the question above. */
export function CostForm({ prices, months, names, values, change }: CostFormProps) {
  const given = parsePrices(values.prices);
  const setPrice = (hw: string, price: number | undefined) => {
    const next = new Map(given);
    if (price === undefined) next.delete(hw);
    else next.set(hw, price);
    change({ prices: formatPrices(next) }, 'replace');
  };
  return (
    <form class="controls cost-form" aria-label="Your prices" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label="Cost of"
        value={values.tokens}
        options={tokenKinds.map((value) => ({ value, text: tokenWords[value] }))}
        onChange={(tokens) => change({ tokens: tokens as CostValues['tokens'] })}
      />
      <Choice
        label="Prices and power of"
        value={values.constants}
        options={[
          { value: '', text: 'the newest month' },
          ...months.map((month) => ({ value: month, text: monthName(month) })),
        ]}
        onChange={(constants) => change({ constants })}
      />
      <fieldset class="facet prices">
        <legend>{inDevices('Your price, $ per GPU-hour', [...prices.keys()])}</legend>
        {[...prices].map(([hw, { own, usual }]) => (
          <NumberField
            key={hw}
            label={names.hardware(hw)}
            value={own}
            placeholder={usual === undefined ? 'unknown' : String(usual)}
            bounds={priceBounds}
            step={0.01}
            onChange={(price) => setPrice(hw, price)}
          />
        ))}
      </fieldset>
      <NumberField
        label="Electricity, $ per kWh"
        value={values.kwh}
        placeholder="included"
        bounds={kwhBounds}
        step={0.01}
        onChange={(kwh) => change({ kwh }, 'replace')}
      />
    </form>
  );
}
