import type { AggregateRow } from './aggregate-row.ts';
import { type Column, markdownTable } from './markdown-table.ts';

type Rows = readonly AggregateRow[];

const identity: readonly Column<AggregateRow>[] = [
  { header: 'Model', kind: 'text', value: (row) => row.infmax_model_prefix },
  { header: 'Served Model', kind: 'text', value: (row) => row.model },
  { header: 'Hardware', kind: 'text', value: (row) => row.hw.toUpperCase() },
  { header: 'Framework', kind: 'text', value: (row) => row.framework.toUpperCase() },
  { header: 'Precision', kind: 'text', value: (row) => row.precision.toUpperCase() },
  { header: 'ISL', kind: 'whole', value: (row) => row.isl },
  { header: 'OSL', kind: 'whole', value: (row) => row.osl },
];

const measured: readonly Column<AggregateRow>[] = [
  { header: 'Conc', kind: 'whole', value: (row) => row.conc },
  { header: 'TTFT (ms)', kind: 'decimal', value: (row) => 1000 * numeric(row, 'median_ttft') },
  { header: 'TPOT (ms)', kind: 'decimal', value: (row) => 1000 * numeric(row, 'median_tpot') },
  { header: 'Interactivity (tok/s/user)', kind: 'decimal', value: (row) => numeric(row, 'median_intvty') },
  { header: 'E2EL (s)', kind: 'decimal', value: (row) => numeric(row, 'median_e2el') },
  { header: 'TPUT per GPU', kind: 'decimal', value: (row) => numeric(row, 'tput_per_gpu') },
  { header: 'Output TPUT per GPU', kind: 'decimal', value: (row) => numeric(row, 'output_tput_per_gpu') },
  { header: 'Input TPUT per GPU', kind: 'decimal', value: (row) => numeric(row, 'input_tput_per_gpu') },
];

const singleNodeColumns: readonly Column<AggregateRow>[] = [
  ...identity,
  whole('TP', 'tp'),
  whole('EP', 'ep'),
  words('DP Attention', 'dp_attention'),
  ...measured,
];

const multiNodeColumns: readonly Column<AggregateRow>[] = [
  ...identity,
  whole('Prefill TP', 'prefill_tp'),
  whole('Prefill EP', 'prefill_ep'),
  words('Prefill DP Attn', 'prefill_dp_attention'),
  whole('Prefill Workers', 'prefill_num_workers'),
  whole('Prefill GPUs', 'num_prefill_gpu'),
  whole('Decode TP', 'decode_tp'),
  whole('Decode EP', 'decode_ep'),
  words('Decode DP Attn', 'decode_dp_attention'),
  whole('Decode Workers', 'decode_num_workers'),
  whole('Decode GPUs', 'num_decode_gpu'),
  ...measured,
];

const shapeOrder = ['infmax_model_prefix', 'hw', 'framework', 'precision', 'isl', 'osl'];
const singleNodeOrder = [...shapeOrder, 'tp', 'ep', 'conc'];
const multiNodeOrder = [...shapeOrder, 'prefill_tp', 'prefill_ep', 'decode_tp', 'decode_ep', 'conc'];

/** The public summary of rows as Markdown: one table for single-node and one for multi-node rows (contract §6). */
export function summaryMarkdown(rows: Rows): string {
  const section = (
    title: string,
    columns: readonly Column<AggregateRow>[],
    order: readonly string[],
    chosen: Rows,
  ) => (chosen.length === 0 ? [] : [`## ${title}\n\n${markdownTable(columns, sorted(chosen, order))}\n`]);
  return [
    ...section(
      'Single-Node Results',
      singleNodeColumns,
      singleNodeOrder,
      rows.filter((row) => !row.is_multinode),
    ),
    ...section(
      'Multi-Node Results',
      multiNodeColumns,
      multiNodeOrder,
      rows.filter((row) => row.is_multinode),
    ),
  ].join('\n\n');
}

function sorted(rows: Rows, order: readonly string[]): AggregateRow[] {
  return rows.toSorted((a, b) => {
    for (const field of order) {
      const [left, right] = [a[field] ?? '', b[field] ?? ''];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  });
}

function whole(header: string, field: string): Column<AggregateRow> {
  return { header, kind: 'whole', value: (row) => numeric(row, field) };
}

function words(header: string, field: string): Column<AggregateRow> {
  return { header, kind: 'text', value: (row) => String(row[field] ?? '') };
}

/** NaN for a figure that the row does not have, or not known. */
function numeric(row: AggregateRow, field: string): number {
  return Number(row[field] ?? Number.NaN);
}
