import { markdownText } from '../markdown-text.ts';

/** One column: its header, and the format and alignment of its cells. */
export interface MarkdownColumn<Row> {
  readonly header: string;
  /** `plain` is our own text, which is not escaped. */
  readonly kind: 'text' | 'plain' | 'whole' | 'decimal';
  readonly value: (row: Row) => string | number;
}

/** Decimal places a measured value is rounded to before it is written. */
const decimals = 4;
/** Minimum number of characters by which a column is wider than its header. */
const headerMargin = 2;

/** A GitHub table whose text is aligned for people who read it as text: words left, numbers by their decimal points. */
export function markdownTable<Row>(columns: readonly MarkdownColumn<Row>[], rows: readonly Row[]): string {
  const laidOut = columns.map((column) => layOut(column, rows));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(laidOut.map(({ header }) => header)),
    `|${laidOut.map(({ width }) => '-'.repeat(width + 2)).join('|')}|`,
    ...rows.map((_, index) => line(laidOut.map(({ cells }) => cells[index] ?? ''))),
  ].join('\n');
}

function layOut<Row>({ header, kind, value }: MarkdownColumn<Row>, rows: readonly Row[]) {
  const written = rows.map((row) => write(value(row), kind));
  const fractions = written.map((cell) => fractionLength(cell));
  const longest = Math.max(...fractions);
  const aligned =
    kind === 'decimal'
      ? written.map((cell, index) => cell + ' '.repeat(longest - (fractions[index] ?? 0)))
      : written;
  const width = Math.max(header.length + headerMargin, ...aligned.map((cell) => cell.length));
  const isText = kind === 'text' || kind === 'plain';
  const pad = (text: string) => (isText ? text.padEnd(width) : text.padStart(width));
  return { width, header: pad(header), cells: aligned.map(pad) };
}

/** A number that was not measured leaves its cell empty. */
function write(value: string | number, kind: MarkdownColumn<never>['kind']): string {
  if (Number.isNaN(value)) return '';
  if (typeof value === 'number' && kind === 'decimal') return significant(Number(value.toFixed(decimals)));
  return kind === 'plain' ? String(value) : markdownText(String(value));
}

/** Characters from the decimal point (or exponent) on. */
function fractionLength(text: string): number {
  const point = text.includes('.') ? text.lastIndexOf('.') : text.lastIndexOf('e');
  return point < 0 ? 0 : text.length - point;
}

/** C's `%g`: six significant digits without trailing zeros, an exponent if the number is very large or small. */
function significant(value: number): string {
  if (value === 0) return '0';
  const [mantissa = '', exponent = ''] = value.toExponential(5).split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 6) {
    return `${withoutTrailingZeros(mantissa)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return withoutTrailingZeros(value.toFixed(Math.max(0, 5 - power)));
}

function withoutTrailingZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
