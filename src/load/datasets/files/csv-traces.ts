import type { DatasetOptions, MadeDataset } from '../options.ts';
import { count, describe, type FilePlace, wrongFile } from './problem.ts';
import { type DatasetFile, linesOf } from './text-file.ts';
import { makeTrace, type TraceRow } from './trace.ts';

/** A published CSV trace: its columns and its time format. */
export interface CsvTrace {
  readonly kind: string;
  readonly what: string;
  readonly columns: { readonly time: string; readonly input: string; readonly output: string };
  /** Parses a time, in milliseconds; undefined if it is invalid. */
  timeMs(cell: string): number | undefined;
  readonly timeWanted: string;
}

/** Azure's LLM inference traces (2023 and 2024), for code and conversations. */
export const azure: CsvTrace = {
  kind: 'azure',
  what: 'an Azure LLM inference trace',
  columns: { time: 'TIMESTAMP', input: 'ContextTokens', output: 'GeneratedTokens' },
  timeMs: dateMs,
  timeWanted: 'a date and time such as 2023-11-16 18:17:03.9799600',
};

/** BurstGPT (HPMLL), with ChatGPT and GPT-4. A response of 0 tokens is a failed request. */
export const burstGpt: CsvTrace = {
  kind: 'burstgpt',
  what: 'a BurstGPT trace',
  columns: { time: 'Timestamp', input: 'Request tokens', output: 'Response tokens' },
  timeMs: (cell) => (isNumber(cell) ? 1000 * Number(cell) : undefined),
  timeWanted: 'a number of seconds',
};

export const csvTraces: readonly CsvTrace[] = [azure, burstGpt];

/** Determines the trace from a file's first line; undefined if it is none of them. */
export function csvTraceOf(firstLine: string): CsvTrace | undefined {
  const names = cellsOf(firstLine)?.map(nameOf) ?? [];
  return csvTraces.find(({ columns }) =>
    Object.values(columns).every((column) => names.includes(nameOf(column))),
  );
}

/**
 * Reads a trace of one kind. Rows with 0 prompt or reply tokens are skipped and counted. Throws LoadError with the line
 * of the error.
 */
export async function readCsvTrace(
  file: DatasetFile,
  options: DatasetOptions,
  trace: CsvTrace,
): Promise<MadeDataset> {
  const rows: TraceRow[] = [];
  let read: ((cells: readonly string[], place: FilePlace) => TraceRow | undefined) | undefined;
  let width = 0;
  const zero = { rows: 0, firstLine: 0 };
  let all = 0;
  for await (const { text, line } of linesOf(file)) {
    const place = { file: file.file, line };
    const cells = cellsOf(text);
    if (cells === undefined) throw wrongFile(place, 'a quoted cell is not closed');
    if (read === undefined) {
      read = rowReader(cells, place, trace, options.outputLen);
      width = cells.length;
      continue;
    }
    if (cells.length !== width) {
      throw wrongFile(place, `this row has ${count(cells.length, 'cell')}, but the header ${width}`);
    }
    all++;
    const row = read(cells, place);
    if (row !== undefined) rows.push(row);
    else if (zero.rows++ === 0) zero.firstLine = line;
  }
  const skipped =
    zero.rows === 0
      ? []
      : [
          `${zero.rows.toLocaleString('en-US')} of ${count(all, 'row')} skipped: they have 0 tokens (the first is line ${zero.firstLine})`,
        ];
  return await makeTrace(file.file, rows, options, skipped);
}

function rowReader(
  header: readonly string[],
  place: FilePlace,
  { what, columns, timeMs, timeWanted }: CsvTrace,
  outputLen: number | undefined,
): (cells: readonly string[], place: FilePlace) => TraceRow | undefined {
  const names = header.map(nameOf);
  const indexOf = (column: string): number => {
    const index = names.indexOf(nameOf(column));
    if (index !== -1) return index;
    throw wrongFile(
      place,
      `the header has no column ${column}: ${describe(header.join(','))}`,
      `expected ${what}, with the columns ${Object.values(columns).join(', ')}`,
    );
  };
  const [time, input, output] = [indexOf(columns.time), indexOf(columns.input), indexOf(columns.output)];
  return (cells, at) => {
    const timestampMs = timeMs(cells[time] ?? '');
    if (timestampMs === undefined) {
      throw wrongFile(at, `${columns.time} must be ${timeWanted}, not ${describe(cells[time])}`);
    }
    const inputTokens = tokensIn(cells[input] ?? '', columns.input, at);
    const outputTokens = tokensIn(cells[output] ?? '', columns.output, at);
    if (inputTokens === 0 || outputTokens === 0) return undefined;
    return {
      line: at.line ?? 0,
      timestampMs,
      outputTokens: outputLen ?? outputTokens,
      input: { inputTokens, blocks: [] },
    };
  };
}

function tokensIn(cell: string, column: string, place: FilePlace): number {
  const tokens = Number(cell);
  if (isNumber(cell) && Number.isSafeInteger(tokens) && tokens >= 0) return tokens;
  throw wrongFile(place, `${column} must be a whole number, 0 or more, not ${describe(cell)}`);
}

function isNumber(cell: string): boolean {
  return cell !== '' && Number.isFinite(Number(cell));
}

/** A date and time with any number of decimals; UTC if there is no time zone. */
function dateMs(cell: string): number | undefined {
  const [, day, time, decimals = '0', zone = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:[.,](\d+))?\s*(Z|[+-]\d{2}:?\d{2})?$/i.exec(cell) ?? [];
  if (day === undefined) return undefined;
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.replace(/^([+-]\d{2}):?(\d{2})$/, '$1:$2');
  const wholeMs = Date.parse(`${day}T${time}${offset}`);
  return Number.isNaN(wholeMs) ? undefined : wholeMs + 1000 * Number(`0.${decimals}`);
}

function nameOf(column: string): string {
  return column.trim().toLowerCase();
}

/** The cells of a line, quoted or not; undefined if a quote is not closed. Cells never span lines in traces. */
function cellsOf(line: string): string[] | undefined {
  const cells: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;
  for (;;) {
    const [found, quoted, plain, end] = pattern.exec(line) ?? [];
    if (found === undefined) return undefined;
    cells.push(quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"'));
    if (end === '') return cells;
  }
}
