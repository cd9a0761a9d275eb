/** Of a terminal that does not say how wide it is, and of what is no terminal. */
const usualWidth = 80;

/** Characters in a line of an output. */
export function widthOf({ columns }: { readonly columns?: number }): number {
  return columns === undefined || columns < 20 ? usualWidth : columns;
}

/** The parts of a line that fit, the first of them always: what comes late is what a reader can do without. */
export function fitting(parts: readonly string[], width: number, between = ', '): string {
  const [first = '', ...rest] = parts;
  const line = rest.reduce(
    (so, part) => (so.length + between.length + part.length > width ? so : `${so}${between}${part}`),
    first,
  );
  return line.slice(0, width);
}
