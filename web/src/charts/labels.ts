import { fontSize, textWidth } from './size.ts';

/**
 * Places on a line, at least so far apart and as near as that allows to where they belong, inside of bounds while there
 * is room. Equal places keep their order.
 */
export function spread(
  wanted: readonly { readonly key: string; readonly at: number }[],
  apart: number,
  [low, high]: readonly [low: number, high: number],
): ReadonlyMap<string, number> {
  const sorted = wanted.toSorted((a, b) => a.at - b.at);
  const places: number[] = [];
  for (const { at } of sorted)
    places.push(Math.max(at, low, (places.at(-1) ?? Number.NEGATIVE_INFINITY) + apart));
  let limit = high;
  for (let index = places.length - 1; index >= 0; index--) {
    places[index] = Math.min(places[index] ?? 0, limit);
    limit = (places[index] ?? 0) - apart;
  }
  return new Map(sorted.map(({ key }, index) => [key, places[index] ?? 0]));
}

/** `MI325X` of `Instinct MI325X`. */
export function withoutMaker(name: string): string {
  return name.replace(/^\p{L}+ (?=\p{L}*\d)/u, '');
}

/** The name of an axis, without which direction is better if that does not fit. */
export function axisName(name: string, room: number): string {
  return textWidth(name, fontSize) <= room ? name : name.replace(/, \w+ is better$/, '');
}

/** Names of hardware are bold, and mostly capitals and digits, which are wider than other letters. */
export const boldness = 1.22;

/** The height of a line of text, pixels. */
export const labelHeight = 15;

/**
 * The name of a line within a width in pixels: complete, else without the word before a model's number (`MI325X` of `Instinct
 * MI325X`), else its beginning.
 */
export function fittedLabel(name: string, room: number): string {
  const fits = (text: string) => boldness * textWidth(text, fontSize) <= room;
  if (fits(name)) return name;
  const numbered = withoutMaker(name);
  if (fits(numbered)) return numbered;
  const letters = Math.max(1, Math.floor(room / (boldness * textWidth('x', fontSize))) - 1);
  return `${numbered.slice(0, letters).trimEnd()}…`;
}
