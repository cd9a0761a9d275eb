import { curveTitle } from '../app/curve-title.ts';
import type { FinishedResult } from '../app/finished-results.ts';
import { curveName, layoutName } from '../identity/index.ts';
import type { Style, Tone } from './terminal/style.ts';
import { type TerminalColumn, terminalTable } from './terminal/table.ts';

type Results = readonly FinishedResult[];

const tones: Readonly<Record<string, Tone>> = { checked: 'good', suspect: 'doubtful', invalid: 'bad' };

/** The tone of a verdict; a verdict without evidence either way is neither good nor doubtful. */
export function toneOf(verdict: string): Tone {
  return tones[verdict] ?? 'quiet';
}

/** Formats results for a terminal of this width: a table per curve, and a one-sentence summary. */
export function resultsInWords(results: Results, width: number, style: Style): string {
  const tables = [...Map.groupBy(results, ({ row }) => curveName(row))].map(([name, ofCurve]) => {
    const [header = '', ...lines] = curveTable(ofCurve, width);
    const painted = lines.map((line) =>
      line.replace(/\S+$/, (verdict) => style.paint(toneOf(verdict), verdict)),
    );
    return [
      style.paint('strong', headingOf(name, ofCurve, width)),
      style.paint('quiet', header),
      ...painted,
    ].join('\n');
  });
  const answer = answerInWords(results);
  return [...tables, ...(answer === undefined ? [] : [wrapped(answer, width)])].join('\n\n');
}

/** The title of a curve if it fits, otherwise its keys. */
function headingOf(name: string, [first]: Results, width: number): string {
  const title = first === undefined ? name : curveTitle(first.row);
  return (title.length <= width ? title : name).slice(0, width);
}

function curveTable(results: Results, width: number): string[] {
  const layouts = new Set(results.map(({ row }) => layoutName(row)));
  const ordered = results.toSorted(
    (a, b) => layoutName(a.row).localeCompare(layoutName(b.row)) || a.row.conc - b.row.conc,
  );
  return terminalTable(
    [...(layouts.size > 1 ? [layout] : []), ...columnsFor(deviceOf(results))],
    ordered,
    width,
  );
}

const layout: TerminalColumn<FinishedResult> = {
  header: 'layout',
  align: 'left',
  rank: 1,
  cell: ({ row }) => layoutName(row),
};

function columnsFor(device: string): readonly TerminalColumn<FinishedResult>[] {
  return [
    { header: 'concurrency', align: 'right', rank: 0, cell: ({ row }) => String(row.conc) },
    number(`tok/s/${device}`, 0, ({ row }) => row.tput_per_gpu, 1),
    number('tok/s/user', 1, ({ row }) => row.median_intvty, 1),
    number('TTFT ms', 1, ({ row }) => inMs(row.median_ttft), 0),
    number('p99 TTFT', 4, ({ row }) => inMs(row.p99_ttft), 0),
    number('TPOT ms', 2, ({ row }) => inMs(row.median_tpot), 1),
    number('E2EL s', 3, ({ row }) => row.median_e2el, 1),
    { header: 'verdict', align: 'left', rank: 0, cell: ({ verdict }) => verdict },
  ];
}

function number(
  header: string,
  rank: number,
  value: (result: FinishedResult) => unknown,
  digits: number,
): TerminalColumn<FinishedResult> {
  return { header, align: 'right', rank, cell: (result) => written(value(result), digits) };
}

/** Formats a number; an unknown number leaves its cell empty. */
function written(value: unknown, digits: number): string {
  return typeof value === 'number' && Number.isFinite(value) ? value.toFixed(digits) : '';
}

function inMs(seconds: unknown): number | undefined {
  return typeof seconds === 'number' ? 1000 * seconds : undefined;
}

/** Summarizes the results: the highest throughput, and the best speed per user. */
export function answerInWords(results: Results): string | undefined {
  const most = best(results, ({ row }) => row.tput_per_gpu);
  const fastest = best(results, ({ row }) => row.median_intvty);
  if (most === undefined) return undefined;
  const name = new Set(results.map(({ row }) => curveName(row))).size > 1 ? ` (${curveTitle(most.row)})` : '';
  const top = `Most throughput: ${written(most.row.tput_per_gpu, 1)} tok/s per ${deviceOf(results)}${name} at concurrency ${most.row.conc}${userFigures(most)}`;
  return fastest === undefined || fastest.row.conc === most.row.conc
    ? `${top}.`
    : `${top}; fastest per user: ${written(fastest.row.median_intvty, 1)} tok/s at concurrency ${fastest.row.conc}.`;
}

function userFigures({ row }: FinishedResult): string {
  const speed = written(row.median_intvty, 1);
  const ttftMs = written(inMs(row.median_ttft), 0);
  const parts = [speed && `${speed} tok/s per user`, ttftMs && `first token after ${ttftMs} ms`].filter(
    (part) => part !== '',
  );
  return parts.length === 0 ? '' : ` with ${parts.join(', ')}`;
}

function best(results: Results, figureOf: (result: FinishedResult) => unknown): FinishedResult | undefined {
  const known = results.flatMap((result) => {
    const value = figureOf(result);
    return typeof value === 'number' ? [{ result, value }] : [];
  });
  return known.toSorted((a, b) => b.value - a.value)[0]?.result;
}

/** The unit that throughput is divided by. */
function deviceOf(results: Results): string {
  return results.every(({ row }) => row.hw.startsWith('cpu')) ? 'CPU' : 'GPU';
}

/** Wraps a sentence to the width. */
function wrapped(text: string, width: number): string {
  return text.replaceAll(new RegExp(`(.{1,${width}})(?: |$)`, 'g'), '$1\n').trimEnd();
}
