import type { PublishedGpuConstants } from '../../../../src/server/api.ts';
import { download } from '../../charts/export.tsx';
import { About } from '../../parts/about.tsx';
import { csvOf } from '../../parts/figures.ts';
import { isStalePrice, monthName } from '../../parts/price-age.ts';
import { monthsOf, type Sourced } from './sources.ts';

export interface SpecRow {
  readonly label: string;
  /** Decimals that are always written, for money. */
  readonly decimals?: number;
  of(gpu: PublishedGpuConstants): Sourced | undefined;
}

interface SpecsTableProps {
  readonly title: string;
  readonly gpus: readonly PublishedGpuConstants[];
  readonly rows: readonly SpecRow[];
  readonly sources: readonly string[];
  readonly fileName: string;
}

/** One column for each GPU, so that each row compares them. */
export function SpecsTable({ title, gpus, rows, sources, fileName }: SpecsTableProps) {
  const save = () => {
    const columns = [
      { key: 'figure', header: 'Figure', value: (row: SpecRow) => row.label },
      ...gpus.map((gpu) => ({
        key: gpu.gpu,
        header: gpu.name,
        value: (row: SpecRow) => row.of(gpu)?.value ?? null,
      })),
    ];
    download(`${fileName}.csv`, csvOf(columns, rows), 'text/csv');
  };
  return (
    <section class="card">
      <div class="card-head">
        <div class="figure-title">
          <h2>{title}</h2> <About topic="hardware" of={title} />
        </div>
        <div class="figure-actions">
          <button type="button" onClick={save}>
            CSV
          </button>
        </div>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys. */}
      <section class="scroll" tabIndex={0} aria-label={title}>
        <table>
          <caption class="visually-hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">Figure</th>
              {gpus.map(({ gpu, name, vendor }) => (
                <th key={gpu} scope="col" class="numeric">
                  {name}
                  <br />
                  <span class="quiet">{vendor}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ label, decimals = 0, of }) => (
              <tr key={label}>
                <th scope="row">
                  {label}
                  <Months months={monthsOf(gpus.map(of))} />
                </th>
                {gpus.map((gpu) => {
                  const figure = of(gpu);
                  return (
                    <td key={gpu.gpu} class="numeric" data-value={figure?.value}>
                      {figure === undefined
                        ? '–'
                        : figure.value.toLocaleString('en', {
                            minimumFractionDigits: decimals,
                            maximumFractionDigits: 3,
                          })}
                      {figure && (
                        <sup class="quiet" title={figure.source}>
                          {sources.indexOf(figure.source) + 1}
                        </sup>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

/** The date of the figures in a row, marked if they are too old. */
function Months({ months }: { readonly months: readonly string[] }) {
  if (months.length === 0) return null;
  return (
    <span class="quiet">
      , {months.map(monthName).join(' and ')}
      {months.some((month) => isStalePrice(month)) && <strong class="warn"> (old)</strong>}
    </span>
  );
}
