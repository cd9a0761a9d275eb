import type { CollectedEval } from '../evals/index.ts';
import { nodeRowFields, type RowField, roleRowFields, roles, valueTypes } from '../identity/index.ts';
import { type MarkdownColumn, markdownTable } from '../results/index.ts';
import { type SortValue, sortedBy } from '../sorted-by.ts';

type Value = (row: CollectedEval) => SortValue;
type Column = MarkdownColumn<CollectedEval>;

const text = (header: string, value: Value): Column => ({
  header,
  kind: 'text',
  value: (row) => String(value(row)),
});
const count = (header: string, value: Value): Column => ({
  header,
  kind: 'whole',
  value: (row) => Number(value(row) ?? Number.NaN),
});

const served: readonly Column[] = [
  text('Model Prefix', (row) => row.model_prefix),
  text('Hardware', (row) => row.hw),
  text('Framework', (row) => String(row.framework).toUpperCase()),
  text('Precision', (row) => String(row.precision).toUpperCase()),
  text('Spec Decode', (row) => row.spec_decoding),
  count('ISL', (row) => row.isl),
  count('OSL', (row) => row.osl),
];
const concurrency = count('Conc', (row) => row.conc);
const scores: readonly Column[] = [
  text('Task', (row) => row.task),
  text('Score', (row) => share(row.score, row.score_se)),
  text('EM Strict', (row) => share(row.em_strict, row.em_strict_se)),
  text('EM Flexible', (row) => share(row.em_flexible, row.em_flexible_se)),
  count('N (eff)', (row) => row.n_eff),
  text('Model', (row) => row.model),
];

const isCount = ({ line }: RowField) => valueTypes[line.type].exportType === 'integer';

/** The layout fields that accuracy rows have. */
function layout(fields: readonly RowField[], rows: readonly CollectedEval[]): RowField[] {
  return fields.filter(({ row: name, heading }) => heading !== '' && rows.some((row) => name in row));
}

function column(field: RowField): Column {
  const value: Value = (row) => row[field.row];
  return isCount(field) ? count(field.heading, value) : text(field.heading, value);
}

const fieldsByRole = roles.flatMap((role) => roleRowFields.filter((field) => field.role === role));

/**
 * The public summary of accuracy rows as Markdown, with one table for single-node and one for multi-node
 * engines. Rows are sorted by model and then hardware, or by hardware alone.
 */
export function evalSummaryMarkdown(rows: readonly CollectedEval[], order: 'model' | 'hardware'): string {
  const section = (
    title: string,
    chosen: readonly CollectedEval[],
    columns: readonly Column[],
    by: Value[],
  ) => (chosen.length === 0 ? [] : [`### ${title}\n\n${markdownTable(columns, sortedBy(chosen, by))}\n`]);
  const keys = (fields: readonly RowField[]): Value[] => [
    ...(order === 'model' ? [(row: CollectedEval) => row.model_prefix] : []),
    (row) => row.hw,
    (row) => row.framework,
    (row) => row.precision,
    (row) => row.spec_decoding,
    (row) => row.isl,
    (row) => row.osl,
    ...fields.filter(isCount).map(
      ({ row: name }): Value =>
        (row) =>
          row[name],
    ),
    (row) => row.conc,
  ];
  const [multi, single] = [rows.filter((row) => row.is_multinode), rows.filter((row) => !row.is_multinode)];
  const [ofNode, ofRoles] = [layout(nodeRowFields, single), layout(fieldsByRole, multi)];
  const [sizes, switches] = [ofNode.filter(isCount), ofNode.filter((field) => !isCount(field))];
  const tables = [
    ...section(
      'Single-Node Eval Results',
      single,
      [...served, ...sizes.map(column), concurrency, ...switches.map(column), ...scores],
      keys(ofNode),
    ),
    ...section(
      'Multi-Node Eval Results',
      multi,
      [...served, ...ofRoles.map(column), concurrency, ...scores],
      keys(ofRoles),
    ),
  ];
  return tables.length === 0 ? '> No eval results found to summarize.\n' : tables.join('\n\n');
}

/** A percentage such as `91.00% ±0.87%`, without the second part if the standard error is unknown. */
function share(value: number | null, standardError: number | null): string {
  if (value === null) return 'N/A';
  return standardError === null ? percent(value) : `${percent(value)} ±${percent(standardError)}`;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(2)}%`;
}
