/** A column of figures: how a table shows it and how a file names it. */
export interface FigureColumn<Row> {
  /** The name in a CSV file, with its unit. */
  readonly key: string;
  readonly header: string;
  readonly numeric?: boolean;
  /** Long text, which may break. */
  readonly wide?: boolean;
  /** The exact value, null if there is no value. */
  value(row: Row): string | number | null;
  /** How it is shown, if that differs from the value. */
  show?(row: Row): string;
  /** The target of its link. */
  href?(row: Row): string | undefined;
}

/** RFC 4180, with a header; a missing value is an empty field. */
export function csvOf<Row>(columns: readonly FigureColumn<Row>[], rows: readonly Row[]): string {
  const line = (fields: readonly (string | number | null)[]) => `${fields.map(field).join(',')}\r\n`;
  return [
    line(columns.map(({ key }) => key)),
    ...rows.map((row) => line(columns.map((column) => column.value(row)))),
  ].join('');
}

function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  // A spreadsheet would run a text with a leading sign as a formula.
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
