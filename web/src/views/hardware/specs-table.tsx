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

/** One row for each GPU, so that the table fits any number of them. */
export function SpecsTable({ title, gpus, rows, sources, fileName }: SpecsTableProps) {
  const save = () => {
    const columns = [
      { key: 'gpu', header: 'GPU', value: (gpu: PublishedGpuConstants) => gpu.name },
      ...rows.map(({ label, of }) => ({
        key: label,
        header: label,
        value: (gpu: PublishedGpuConstants) => of(gpu)?.value ?? null,
      })),
    ];
    download(`${fileName}.csv`, csvOf(columns, gpus), 'text/csv');
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
        <table class="cards">
          <caption class="visually-hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">GPU</th>
              {rows.map(({ label, of }) => (
                <th key={label} scope="col" class="numeric">
                  {label}
                  <Months months={monthsOf(gpus.map(of))} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {gpus.map((gpu) => (
              <tr key={gpu.gpu}>
                <th scope="row">
                  {gpu.name} <span class="quiet">{gpu.vendor}</span>
                </th>
                {rows.map(({ label, decimals = 0, of }) => {
                  const figure = of(gpu);
                  return (
                    <td
                      key={label}
                      class="numeric"
                      data-label={[label, ...monthsOf(gpus.map(of)).map(monthName)].join(', ')}
                      data-value={figure?.value}
                    >
                      {figure === undefined
                        ? '–'
                        : figure.value.toLocaleString('en', {
                            minimumFractionDigits: decimals,
                            maximumFractionDigits: 3,
                          })}
                      {figure && (
                        <sup
                          class="quiet"
                          title={[figure.source, ...monthsOf([figure]).map(monthName)].join('; as of ')}
                        >
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

/** The date of the figures in a column, marked if they are too old. */
function Months({ months }: { readonly months: readonly string[] }) {
  if (months.length === 0) return null;
  return (
    <span class="quiet">
      , {months.map(monthName).join(' and ')}
      {months.some((month) => isStalePrice(month)) && <strong class="warn"> (old)</strong>}
    </span>
  );
}
