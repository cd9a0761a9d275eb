/** A figure and where it comes from. */
export interface Sourced {
  readonly value: number;
  readonly source: string;
}

/** Each source once, in the order of first use: a figure's source is its place in this list, from 1. */
export function sourcesOf(figures: readonly Sourced[]): readonly string[] {
  return [...new Set(figures.map(({ source }) => source))];
}
