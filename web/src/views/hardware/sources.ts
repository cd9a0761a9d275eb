/** A figure and where it comes from. */
export interface Sourced {
  readonly value: number;
  readonly source: string;
  /** The month of a figure that changes over time. */
  readonly asOf?: string;
}

/** The months of the figures, the oldest first. */
export function monthsOf(figures: readonly (Sourced | undefined)[]): readonly string[] {
  return [...new Set(figures.flatMap((figure) => figure?.asOf ?? []))].toSorted();
}

/** Each source once, in the order of first use: a figure's source is its place in this list, from 1. */
export function sourcesOf(figures: readonly Sourced[]): readonly string[] {
  return [...new Set(figures.map(({ source }) => source))];
}
