/** Width of non-terminals, and of terminals that do not report one. */
const usualWidth = 80;

/** Width of an output in characters. */
export function widthOf({ columns }: { readonly columns?: number }): number {
  return columns === undefined || columns < 20 ? usualWidth : columns;
}

/** Joins the parts that fit into one line, and always the first; put the least important parts last. */
export function fitting(parts: readonly string[], width: number, between = ', '): string {
  const [first = '', ...rest] = parts;
  const line = rest.reduce(
    (so, part) => (so.length + between.length + part.length > width ? so : `${so}${between}${part}`),
    first,
  );
  return line.slice(0, width);
}
