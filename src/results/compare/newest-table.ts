import { nodeRowFields, type RowField, roleRowFields, roles, valueTypes } from '../../identity/index.ts';
import { rounded } from '../../rounded.ts';
import { type SortValue, sortedBy } from '../../sorted-by.ts';
import type { AggregateRow } from '../aggregate-row.ts';
import { type MarkdownColumn, markdownTable } from '../markdown-table.ts';

type Role = (typeof roles)[number];

/** A published measurement with which new rows are compared. */
export interface Baseline {
  readonly row: AggregateRow;
  /** ISO 8601. */
  readonly measuredAt: string;
}

/** A figure of the public comparison: seconds of TTFT are shown as milliseconds. */
interface ShownMetric {
  readonly field: string;
  readonly header: string;
  readonly better: 'higher' | 'lower';
  readonly decimals: number;
  readonly factor: number;
}

const percentiles = ['median', 'p90', 'p99', 'p99.9'] as const;
const shownMetrics: readonly ShownMetric[] = [
  { field: 'tput_per_gpu', header: 'TPUT/GPU', better: 'higher', decimals: 2, factor: 1 },
  ...percentiles.map((p) => metric(`${p}_ttft`, `TTFT ${titleOf(p)} (ms)`, 'lower', 1000)),
  ...percentiles.map((p) =>
    metric(`${p}_intvty`, p === 'median' ? 'Intvty Median' : `Intvty@${titleOf(p)} TPOT`, 'higher'),
  ),
  ...percentiles.map((p) => metric(`${p}_e2el`, `E2EL ${titleOf(p)} (s)`, 'lower')),
];

function metric(field: string, header: string, better: ShownMetric['better'], factor = 1): ShownMetric {
  return { field, header, better, decimals: 4, factor };
}

function titleOf(percentile: string): string {
  return `${percentile.charAt(0).toUpperCase()}${percentile.slice(1)}`;
}

/** A row, and the newest baseline of the same point. */
interface Compared {
  readonly row: AggregateRow;
  readonly baseline: AggregateRow | undefined;
}

/**
 * New rows next to the newest published baselines, in the tables that the public project writes for a pull
 * request (contract F13): differences in colour and per cent, and no test against noise.
 */
export function newestTable(rows: readonly AggregateRow[], baselines: readonly Baseline[]): string {
  if (rows.length === 0) return 'No benchmark results found to compare.\n';
  const newestFirst = baselines.toSorted((one, other) => (one.measuredAt < other.measuredAt ? 1 : -1));
  const compared = sortedBy(
    rows.map((row) => ({ row, baseline: newestFirst.find((one) => isSamePoint(row, one.row))?.row })),
    order,
  );
  const [several, one] = [
    compared.filter(({ row }) => row.is_multinode),
    compared.filter(({ row }) => !row.is_multinode),
  ];
  return [...section('Single-Node', nodeColumns, one), ...section('Multi-Node', rolesColumns, several)].join(
    '\n',
  );
}

function section(
  title: string,
  layout: readonly MarkdownColumn<Compared>[],
  compared: readonly Compared[],
): string[] {
  if (compared.length === 0) return [];
  const columns = [
    ...identityColumns,
    ...layout,
    concColumn,
    ...shownMetrics.flatMap((one) => metricColumns(one, compared)),
  ];
  return [`## ${title} Comparison vs. Most Recent\n\n${markdownTable(columns, compared)}\n`];
}

/** The layout of an engine on one node in rows of every contract: TP, EP and DP attention. */
const nodeLayout: readonly RowField[] = nodeRowFields.filter(({ line }) => line.optional !== true);

/** The same fields for the workers of a role. */
function layoutOf(role: Role): readonly RowField[] {
  return nodeLayout.flatMap(({ line }) =>
    roleRowFields.filter((field) => field.role === role && field.line === line),
  );
}

const identityColumns: readonly MarkdownColumn<Compared>[] = [
  { header: 'Model', kind: 'text', value: ({ row }) => row.infmax_model_prefix },
  { header: 'Served Model', kind: 'text', value: ({ row }) => row.model },
  { header: 'Hardware', kind: 'text', value: ({ row }) => hardwareOf(row).toUpperCase() },
  { header: 'Framework', kind: 'text', value: ({ row }) => row.framework.toUpperCase() },
  { header: 'Precision', kind: 'text', value: ({ row }) => row.precision.toUpperCase() },
  { header: 'ISL', kind: 'whole', value: ({ row }) => row.isl },
  { header: 'OSL', kind: 'whole', value: ({ row }) => row.osl },
];
const concColumn: MarkdownColumn<Compared> = { header: 'Conc', kind: 'whole', value: ({ row }) => row.conc };
const nodeColumns: readonly MarkdownColumn<Compared>[] = [
  ...nodeLayout.filter(isCount).map(countColumn),
  { header: 'DP Attention', kind: 'text', value: ({ row }) => String(row.dp_attention ?? false) },
];
const rolesColumns: readonly MarkdownColumn<Compared>[] = roles.flatMap((role) =>
  layoutOf(role).filter(isCount).map(countColumn),
);

function isCount({ line }: RowField): boolean {
  return valueTypes[line.type].exportType === 'integer';
}

function countColumn({ heading, row: field }: RowField): MarkdownColumn<Compared> {
  return { header: heading, kind: 'whole', value: ({ row }) => Number(row[field] ?? Number.NaN) };
}

/** The figure, and how it differs from the baseline. */
function metricColumns(shown: ShownMetric, compared: readonly Compared[]): MarkdownColumn<Compared>[] {
  const { header, decimals } = shown;
  const isKnown = compared.every(({ row }) => figureOf(row, shown) !== undefined);
  const figure: MarkdownColumn<Compared> = isKnown
    ? { header, kind: 'decimal', value: ({ row }) => rounded(figureOf(row, shown) ?? Number.NaN, decimals) }
    : { header, kind: 'plain', value: ({ row }) => written(figureOf(row, shown), decimals) };
  return [figure, { header: `${header} Delta`, kind: 'plain', value: (one) => deltaOf(one, shown) }];
}

function written(value: number | undefined, decimals: number): string {
  return value === undefined ? 'N/A' : rounded(value, decimals).toFixed(decimals);
}

function figureOf(row: AggregateRow | undefined, { field, factor }: ShownMetric): number | undefined {
  const value = row?.[field];
  return typeof value === 'number' ? value * factor : undefined;
}

function deltaOf({ row, baseline }: Compared, shown: ShownMetric): string {
  const [now, before] = [figureOf(row, shown), figureOf(baseline, shown)];
  if (now === undefined || before === undefined || before === 0) return 'N/A';
  const delta = now - before;
  const [difference, share] = [signed(delta, shown.decimals), `(${signed((delta / before) * 100, 1)}%)`];
  if (delta === 0) return `${difference} ${share}`;
  const color = delta > 0 === (shown.better === 'higher') ? 'green' : 'red';
  return `$\\color{${color}}\\text{${difference}}$ ${share}`;
}

function signed(value: number, decimals: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(rounded(value, decimals)).toFixed(decimals)}`;
}

/** A pool's name without suffixes for nodes or engines. */
function hardwareOf({ hw }: AggregateRow): string {
  return hw.replace(/-(multinode|trt|disagg)$/, '').toLowerCase();
}

/** The served model's name may be longer than the prefix, such as `gptoss120b` for `gptoss`. */
function isSamePoint(row: AggregateRow, baseline: AggregateRow): boolean {
  const [asked, found] = [pointOf(row), pointOf(baseline)];
  return (
    asked.every((value, index) => value === found[index]) &&
    baseline.infmax_model_prefix.toLowerCase().startsWith(row.infmax_model_prefix.toLowerCase())
  );
}

function pointOf(row: AggregateRow): readonly string[] {
  const layout = (role: Role) =>
    (row.is_multinode ? layoutOf(role) : nodeLayout).map((field) => {
      const value = row[field.row];
      return isCount(field) ? value : String(value).toLowerCase() === 'true';
    });
  const { framework, precision, spec_decoding: specDecoding, disagg, is_multinode: isMultinode } = row;
  const engine = [hardwareOf(row), framework, precision, specDecoding, disagg, isMultinode];
  const workload = [row.isl, row.osl, row.conc];
  return [...engine, ...workload, ...layout('prefill'), ...layout('decode')].map((value) =>
    String(value).toLowerCase(),
  );
}

/** The order of the rows. */
const order: readonly ((one: Compared) => SortValue)[] = [
  ({ row }) => row.infmax_model_prefix,
  ({ row }) => hardwareOf(row).toUpperCase(),
  ({ row }) => row.framework.toUpperCase(),
  ({ row }) => row.isl,
  ({ row }) => row.osl,
  ({ row }) => row.conc,
];
