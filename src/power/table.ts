/** A table of comma-separated cells, as GPU tools write it. */
export interface Table {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Reads a table whose first line names its columns; empty lines are left out. */
export function tableOf(text: string): Table {
  const [names = [], ...rows] = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => cellsOf(line).map((cell) => cell.trim()));
  return { names, rows };
}

/** The cells of a line; any cell may be quoted. */
export function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  return [...`,${line}`.matchAll(/,(?:\s*"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, inQuotes, plain = '']) => inQuotes?.replaceAll('""', '"') ?? plain,
  );
}
