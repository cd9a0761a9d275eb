import { printable } from '../../printable.ts';
/** A column of a table on a terminal. */
export interface TerminalColumn<Row> {
  readonly header: string;
  readonly cell: (row: Row) => string;
  /** Left for texts, right for numbers. */
  readonly align: 'left' | 'right';
  /** If the terminal is too narrow, columns with the highest rank are omitted first; rank 0 is always shown. */
  readonly rank: number;
}

const gap = '  ';

/**
 * Formats a table so that no line is wider than the terminal: columns are omitted by rank until the rest fits. Columns
 * without any value are omitted, too.
 */
export function terminalTable<Row>(
  columns: readonly TerminalColumn<Row>[],
  rows: readonly Row[],
  width: number,
): string[] {
  const laidOut = columns
    .map((column) => {
      const cells = rows.map((row) => printable(column.cell(row)));
      return { ...column, cells, width: Math.max(...[column.header, ...cells].map(({ length }) => length)) };
    })
    .filter(({ cells, rank }) => rank === 0 || cells.some((cell) => cell !== ''));
  const shown = fitting(laidOut, width);
  const line = (cellOf: (column: (typeof shown)[number]) => string) =>
    shown
      .map((column) =>
        column.align === 'left' ? cellOf(column).padEnd(column.width) : cellOf(column).padStart(column.width),
      )
      .join(gap)
      .trimEnd();
  return [
    line(({ header }) => header),
    ...rows.map((_, index) => line(({ cells }) => cells[index] ?? '')),
  ].map((text) => (text.length > width ? `${text.slice(0, width - 1)}…` : text));
}

function fitting<Column extends { readonly rank: number; readonly width: number }>(
  columns: readonly Column[],
  width: number,
): readonly Column[] {
  const total = columns.reduce((sum, column) => sum + column.width, gap.length * (columns.length - 1));
  const worst = Math.max(...columns.map(({ rank }) => rank));
  if (total <= width || worst === 0) return columns;
  const last = columns.findLastIndex(({ rank }) => rank === worst);
  return fitting(columns.toSpliced(last, 1), width);
}
