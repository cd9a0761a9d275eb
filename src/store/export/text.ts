import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { StoredPoint } from '../queries/points.ts';
import { type ExportValue, exportColumns } from './columns.ts';
import type { PointSink } from './sink.ts';

/** Comma-separated values (RFC 4180) with a header line. */
export async function csvSink(file: string): Promise<PointSink> {
  const names = exportColumns.map(({ name }) => name).join(',');
  return new TextSink(file, `${names}\r\n`, '', '', (point) => {
    return `${exportColumns.map(({ value }) => csvText(value(point))).join(',')}\r\n`;
  });
}

/** A JSON list of objects. */
export async function jsonSink(file: string): Promise<PointSink> {
  return new TextSink(file, '[', ',\n', ']\n', (point) => JSON.stringify(objectOf(point)));
}

/** JSON lines, one object per line. */
export async function jsonLinesSink(file: string): Promise<PointSink> {
  return new TextSink(file, '', '', '', (point) => `${JSON.stringify(objectOf(point))}\n`);
}

function objectOf(point: StoredPoint): Record<string, ExportValue> {
  return Object.fromEntries(exportColumns.map(({ name, value }) => [name, value(point)]));
}

function csvText(value: ExportValue): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

class TextSink implements PointSink {
  readonly #output;
  readonly #separator: string;
  readonly #end: string;
  readonly #textOf: (point: StoredPoint) => string;
  #isFirst = true;

  constructor(
    file: string,
    begin: string,
    separator: string,
    end: string,
    textOf: (point: StoredPoint) => string,
  ) {
    this.#output = createWriteStream(file, { flags: 'wx', flush: true });
    this.#output.write(begin);
    this.#separator = separator;
    this.#end = end;
    this.#textOf = textOf;
  }

  async write(points: readonly StoredPoint[]): Promise<void> {
    let text = '';
    for (const point of points) {
      text += `${this.#isFirst ? '' : this.#separator}${this.#textOf(point)}`;
      this.#isFirst = false;
    }
    if (!this.#output.write(text)) await once(this.#output, 'drain');
  }

  async close(): Promise<void> {
    this.#output.end(this.#end);
    await once(this.#output, 'close');
  }
}
