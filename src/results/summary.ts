import {
  isLeftOut,
  nodeRowFields,
  type RowField,
  roleRowFields,
  roles,
  valueText,
  valueTypes,
} from '../identity/index.ts';
import { sortedBy } from '../sorted-by.ts';
import type { AggregateRow } from './aggregate-row.ts';
import { type MarkdownColumn, markdownTable } from './markdown-table.ts';

type Rows = readonly AggregateRow[];

const identity: readonly MarkdownColumn<AggregateRow>[] = [
  { header: 'Model', kind: 'text', value: (row) => row.infmax_model_prefix },
  { header: 'Served Model', kind: 'text', value: (row) => row.model },
  { header: 'Hardware', kind: 'text', value: (row) => row.hw.toUpperCase() },
  { header: 'Framework', kind: 'text', value: (row) => row.framework.toUpperCase() },
  { header: 'Precision', kind: 'text', value: (row) => row.precision.toUpperCase() },
  { header: 'ISL', kind: 'whole', value: (row) => row.isl },
  { header: 'OSL', kind: 'whole', value: (row) => row.osl },
];

const measured: readonly MarkdownColumn<AggregateRow>[] = [
  { header: 'Conc', kind: 'whole', value: (row) => row.conc },
  { header: 'TTFT (ms)', kind: 'decimal', value: (row) => 1000 * numeric(row, 'median_ttft') },
  { header: 'TPOT (ms)', kind: 'decimal', value: (row) => 1000 * numeric(row, 'median_tpot') },
  { header: 'Interactivity (tok/s/user)', kind: 'decimal', value: (row) => numeric(row, 'median_intvty') },
  { header: 'E2EL (s)', kind: 'decimal', value: (row) => numeric(row, 'median_e2el') },
  { header: 'TPUT per GPU', kind: 'decimal', value: (row) => numeric(row, 'tput_per_gpu') },
  { header: 'Output TPUT per GPU', kind: 'decimal', value: (row) => numeric(row, 'output_tput_per_gpu') },
  { header: 'Input TPUT per GPU', kind: 'decimal', value: (row) => numeric(row, 'input_tput_per_gpu') },
];

/** How the engines are laid out; fields that January's contract lacks get a column only if some row has them. */
function layoutColumns(fields: readonly RowField[], rows: Rows): MarkdownColumn<AggregateRow>[] {
  return fields.flatMap(({ line, row: name, heading }): MarkdownColumn<AggregateRow>[] => {
    if (heading === '' || (line.optional === true && rows.every((row) => isLeftOut(line, row[name]))))
      return [];
    const isCount = valueTypes[line.type].exportType === 'integer';
    return [isCount ? whole(heading, name, line.default) : words(heading, name)];
  });
}

type SortKey = (row: AggregateRow) => string | number | undefined;

const shapeOrder: readonly SortKey[] = [
  (row) => row.infmax_model_prefix,
  (row) => row.hw,
  (row) => row.framework,
  (row) => row.precision,
  (row) => row.isl,
  (row) => row.osl,
];
const singleNodeOrder: readonly SortKey[] = [
  ...shapeOrder,
  (row) => row.tp,
  (row) => row.ep,
  (row) => row.conc,
];
const multiNodeOrder: readonly SortKey[] = [
  ...shapeOrder,
  (row) => row.prefill_tp,
  (row) => row.prefill_ep,
  (row) => row.decode_tp,
  (row) => row.decode_ep,
  (row) => row.conc,
];

/** The public summary of rows as Markdown: one table for single-node and one for multi-node rows (contract §6). */
export function summaryMarkdown(rows: Rows): string {
  const section = (title: string, fields: readonly RowField[], order: readonly SortKey[], chosen: Rows) => {
    if (chosen.length === 0) return [];
    const columns = [...identity, ...layoutColumns(fields, chosen), ...measured];
    return [`## ${title}\n\n${markdownTable(columns, sortedBy(chosen, order))}\n`];
  };
  const [multi, single] = [rows.filter((row) => row.is_multinode), rows.filter((row) => !row.is_multinode)];
  return [
    ...section('Single-Node Results', nodeRowFields, singleNodeOrder, single),
    ...section('Multi-Node Results', roleByRole, multiNodeOrder, multi),
  ].join('\n\n');
}

const roleByRole = roles.flatMap((role) => roleRowFields.filter((field) => field.role === role));

function whole(header: string, field: string, initial?: unknown): MarkdownColumn<AggregateRow> {
  return { header, kind: 'whole', value: (row) => numeric(row, field, initial) };
}

function words(header: string, field: string): MarkdownColumn<AggregateRow> {
  return { header, kind: 'text', value: (row) => wordOf(row[field]) };
}

function wordOf(value: AggregateRow[string]): string {
  return value === undefined || value === null ? '' : valueText(value);
}

/** NaN if the row lacks the figure or it is unknown; an optional field gets its default. */
function numeric(row: AggregateRow, field: string, initial?: unknown): number {
  return Number(row[field] ?? initial ?? Number.NaN);
}
