/** A value that rows are sorted by. */
export type SortValue = string | number | boolean | null | undefined;

/**
 * Sorts rows by several keys: the second decides if the first is equal, and so on. Missing values count as an empty
 * text. Rows that are equal in all keys keep their order.
 *
 * @example
 * sortedBy(rows, [(row) => row.hw, (row) => row.conc]);
 */
export function sortedBy<Row>(rows: readonly Row[], keys: readonly ((row: Row) => SortValue)[]): Row[] {
  return rows.toSorted((a, b) => {
    for (const key of keys) {
      const [left, right] = [key(a) ?? '', key(b) ?? ''];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  });
}
