import {
  type ColumnDef,
  createPaginatedRowModel,
  createSortedRowModel,
  rowPaginationFeature,
  rowSortingFeature,
  sortFns,
  tableFeatures,
  useTable,
} from '@tanstack/preact-table';
import { useMemo } from 'preact/hooks';
import type { FigureColumn } from './figures.ts';
import { shortNumber } from './format.ts';

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  rowPaginationFeature,
  paginatedRowModel: createPaginatedRowModel(),
  sortFns,
});

/** Columns that fit side by side on a phone; with more, each row is a card there. */
const mostBesides = 3;

interface DataTableProps<Row extends object> {
  readonly caption: string;
  readonly columns: readonly FigureColumn<Row>[];
  readonly rows: readonly Row[];
  /** Rows per page: thousands of rows would be slow to render and impossible to read. */
  readonly pageSize?: number;
  /** Identifies a row for tests and links. */
  idOf?(row: Row): string;
}

/** Figures as a table: sorted by any column, a page at a time; missing values sort last. */
export function DataTable<Row extends object>({
  caption,
  columns,
  rows,
  pageSize = 50,
  idOf,
}: DataTableProps<Row>) {
  const definitions = useMemo(
    () =>
      columns.map(
        (column): ColumnDef<typeof features, Row> => ({
          id: column.key,
          accessorFn: (row) => column.value(row) ?? undefined,
          sortFn: column.numeric ? 'basic' : 'alphanumeric',
          sortUndefined: 'last',
        }),
      ),
    [columns],
  );
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({
    features,
    columns: definitions,
    data,
    initialState: { pagination: { pageIndex: 0, pageSize } },
  });
  const { pageIndex } = table.state.pagination;
  const pages = table.getPageCount();
  return (
    <div class="data-table">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys. */}
      <section class="scroll" tabIndex={0} aria-label={caption}>
        <table class={columns.length > mostBesides ? 'cards' : ''}>
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              {table.getFlatHeaders().map((header, at) => (
                <th
                  key={header.id}
                  scope="col"
                  class={columns[at]?.numeric ? 'numeric' : ''}
                  aria-sort={ariaSort(header.column.getIsSorted())}
                >
                  <button type="button" onClick={() => header.column.toggleSorting()}>
                    {columns[at]?.header}
                    <span aria-hidden="true" class="sort-mark">
                      {{ asc: '▲', desc: '▼', false: '' }[String(header.column.getIsSorted())]}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.getRowModel().rows.map(({ id, original }) => (
              <tr key={id} data-row={idOf?.(original)}>
                {columns.map((column, at) => (
                  <Cell key={column.key} column={column} row={original} isHeader={at === 0} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {pages > 1 && (
        <nav class="pages" aria-label={`Pages of: ${caption}`}>
          <button type="button" onClick={() => table.previousPage()} disabled={!table.getCanPreviousPage()}>
            Previous
          </button>
          <span aria-live="polite">
            {pageIndex * pageSize + 1}–{Math.min((pageIndex + 1) * pageSize, rows.length)} of{' '}
            {rows.length.toLocaleString('en')}
          </span>
          <button type="button" onClick={() => table.nextPage()} disabled={!table.getCanNextPage()}>
            Next
          </button>
        </nav>
      )}
    </div>
  );
}

function Cell<Row>({
  column,
  row,
  isHeader,
}: {
  readonly column: FigureColumn<Row>;
  readonly row: Row;
  readonly isHeader: boolean;
}) {
  const value = column.value(row);
  const text = column.show?.(row) ?? (typeof value === 'number' ? shortNumber(value) : (value ?? '–'));
  const href = column.href?.(row);
  const content = href === undefined ? text : <a href={href}>{text}</a>;
  const kind = column.numeric ? 'numeric' : column.wide ? 'wrap' : '';
  return isHeader ? (
    <th scope="row" class={kind}>
      {content}
    </th>
  ) : (
    <td class={kind} data-label={column.header} title={typeof value === 'number' ? String(value) : undefined}>
      {content}
    </td>
  );
}

function ariaSort(sorted: false | 'asc' | 'desc') {
  return sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : 'none';
}
