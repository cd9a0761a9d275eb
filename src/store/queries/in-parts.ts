/** Values that one statement names: a database takes only so many. */
const namedAtOnce = 500;

/** What is read of many values, some of which one statement names. */
export async function inParts<Value, Row>(
  values: readonly Value[],
  read: (some: readonly Value[]) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let from = 0; from < values.length; from += namedAtOnce)
    rows.push(...(await read(values.slice(from, from + namedAtOnce))));
  return rows;
}
