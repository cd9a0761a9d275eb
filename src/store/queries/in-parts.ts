/** Values per statement; databases limit the number of parameters. */
const namedAtOnce = 500;

/** Runs a query for many values, a limited number per statement. */
export async function inParts<Value, Row>(
  values: readonly Value[],
  read: (some: readonly Value[]) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let from = 0; from < values.length; from += namedAtOnce)
    rows.push(...(await read(values.slice(from, from + namedAtOnce))));
  return rows;
}
