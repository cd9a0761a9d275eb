import { type Names, useNames } from '../../data/names.ts';
import type { PublishedPoint } from '../../data/points.ts';
import type { ChangeParams } from '../../state/use-route.ts';
import { choicesOf, facets, switched } from './filters.ts';
import type { ExploreValues } from './params.ts';

interface FacetsProps {
  readonly points: readonly PublishedPoint[];
  readonly values: ExploreValues;
  readonly change: ChangeParams<ExploreValues>;
}

/** Filters of points, with the number of points of each value. Facets with one value are not shown. */
export function Facets({ points, values, change }: FacetsProps) {
  const names = useNames();
  return (
    <>
      {facets.map((facet) => {
        const choices = choicesOf(facet, points, values);
        if (choices.length < 2) return null;
        return (
          <fieldset key={facet.name} class="facet">
            <legend>{facet.label}</legend>
            {choices.map(({ value, count, chosen }) => (
              <label key={value} class="check">
                <input
                  type="checkbox"
                  checked={chosen}
                  // The last one cannot be switched off: an empty chart is never intended.
                  disabled={chosen && choices.filter((choice) => choice.chosen).length === 1}
                  onChange={() => change({ [facet.name]: switched(choices, value), zoom: undefined })}
                />
                <span>{titleIn(facet.name, names)(value)}</span>
                <span class="count">{count}</span>
              </label>
            ))}
          </fieldset>
        );
      })}
    </>
  );
}

/** Display names of the values of a facet. */
function titleIn(facet: string, names: Names): (value: string) => string {
  const titles: Readonly<Record<string, (value: string) => string>> = {
    hw: names.hardware,
    engine: names.engine,
    precision: (value) => value.toUpperCase(),
    spec: (value) => (value === 'none' ? value : value.toUpperCase()),
  };
  return titles[facet] ?? String;
}
