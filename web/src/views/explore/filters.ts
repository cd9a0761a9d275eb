import { type FacetName, facetFields } from '../../../../src/identity/spelling.ts';
import type { PublishedPoint } from '../../data/points.ts';
import type { ExploreValues } from './params.ts';

/** A property that points are filtered by. */
export interface Facet {
  readonly name: FacetName;
  readonly label: string;
  of(point: PublishedPoint): string;
}

/** Precision is first, because it matters most; the rest is in the order of the table of fields. */
export const facets: readonly Facet[] = facetFields
  .map(({ name, label, api, line }) => ({
    name,
    label,
    of: (point: PublishedPoint) => valueIn(point, api, line.default),
  }))
  .toSorted((a, b) => Number(b.name === 'precision') - Number(a.name === 'precision'));

function valueIn({ series, fields }: PublishedPoint, api: string, initial: unknown): string {
  const ofSeries: Readonly<Record<string, unknown>> = series;
  return String(ofSeries[api] ?? fields[api] ?? initial ?? 'none');
}

export interface FacetChoice {
  readonly value: string;
  readonly count: number;
  readonly chosen: boolean;
}

/** The values of a facet, the most frequent first, and which are chosen. */
export function choicesOf(
  facet: Facet,
  points: readonly PublishedPoint[],
  values: ExploreValues,
): FacetChoice[] {
  const chosen = chosenOf(facet, points, values);
  return counted(facet, points).map(([value, count]) => ({
    value,
    count,
    chosen: chosen === undefined || chosen.includes(value),
  }));
}

/** The chosen values of a facet, or undefined if all are. */
function chosenOf(
  facet: Facet,
  points: readonly PublishedPoint[],
  values: ExploreValues,
): readonly string[] | undefined {
  const asked = values[facet.name];
  if (asked.length === 0 || asked.includes('all')) return undefined;
  const known = counted(facet, points).map(([value]) => value);
  return asked.some((value) => known.includes(value)) ? asked : undefined;
}

type Counted = readonly (readonly [value: string, count: number])[];

const known = new WeakMap<readonly PublishedPoint[], Map<Facet, Counted>>();

/** The values of a facet and how many points have each; counted once for the same points. */
function counted(facet: Facet, points: readonly PublishedPoint[]): Counted {
  const ofPoints = known.get(points) ?? new Map<Facet, Counted>();
  known.set(points, ofPoints);
  const values = ofPoints.get(facet) ?? countedIn(facet, points);
  ofPoints.set(facet, values);
  return values;
}

function countedIn(facet: Facet, points: readonly PublishedPoint[]): Counted {
  const counts = new Map<string, number>();
  for (const point of points) {
    const value = facet.of(point);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].toSorted(([a, m], [b, n]) => n - m || a.localeCompare(b));
}

/** The choice after a value was toggled; an empty list means all values. */
export function switched(choices: readonly FacetChoice[], value: string): readonly string[] {
  const next = choices.filter((choice) => (choice.value === value ? !choice.chosen : choice.chosen));
  if (next.length === choices.length) return [];
  return next.map((choice) => choice.value);
}

/**
 * The points that match the filters of a view. The points of the chart decide what is chosen, also for points that are
 * compared with them: a precision that only these have never replaces the chosen one.
 */
export function filtered(
  points: readonly PublishedPoint[],
  values: ExploreValues,
  ofChart: readonly PublishedPoint[] = points,
): PublishedPoint[] {
  const tests = facets.map((facet) => {
    const chosen = chosenOf(facet, ofChart, values);
    return chosen === undefined ? () => true : (point: PublishedPoint) => chosen.includes(facet.of(point));
  });
  const { disagg, nodes } = values;
  return points.filter(
    (point) =>
      tests.every((passes) => passes(point)) &&
      (disagg === 'any' || point.series.disagg === (disagg === 'yes')) &&
      (nodes === 'any' || point.series.multinode === (nodes === 'many')),
  );
}
