import type { PointDocument } from '../../../../src/server/api.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { percent, shortNumber } from '../../parts/format.ts';

type Searched = NonNullable<PointDocument['search']>;
interface TestRow {
  readonly number: number;
  readonly level: number;
  readonly requests: number;
  readonly met: readonly number[];
}

/** The search for the largest load within the limits, of which the point is the test at that load. */
export function Search({ point }: { readonly point: PointDocument }) {
  const { search } = point;
  if (search === null) return null;
  const { load, slos, bracket, interval, confidence, tests } = search;
  const unit = load === 'rate' ? ' req/s' : '';
  return (
    <section class="card" data-search={search.state}>
      <h2>Largest load within the limits</h2>
      <p>{answerOf(search, unit)}</p>
      <Facts
        facts={[
          ['Limits', slos.join(', ')],
          ['Likely', span(bracket, unit)],
          [`${percent(confidence)} interval`, span(interval, unit)],
        ]}
      />
      <DataTable
        caption="Tests of the search"
        columns={columnsOf(load, slos, unit)}
        rows={tests.map((one, index): TestRow => ({ ...one, number: index + 1 }))}
      />
    </section>
  );
}

function columnsOf(load: string, slos: readonly string[], unit: string): readonly FigureColumn<TestRow>[] {
  const numeric = true;
  return [
    { key: 'test', header: 'Test', numeric, value: ({ number }) => number },
    {
      key: 'load',
      header: load === 'rate' ? 'Rate' : 'Concurrency',
      numeric,
      value: ({ level }) => level,
      show: ({ level }) => `${shortNumber(level)}${unit}`,
    },
    { key: 'requests', header: 'Requests', numeric, value: ({ requests }) => requests },
    ...slos.map(
      (slo, index): FigureColumn<TestRow> => ({
        key: slo,
        header: `Within ${slo}`,
        numeric,
        value: (test) => shareWithin(test, index),
        show: (test) => {
          const share = shareWithin(test, index);
          return share === null ? '–' : percent(share);
        },
      }),
    ),
  ];
}

/** The share of a test's requests that met a limit; null if it is unknown. */
function shareWithin({ met, requests }: TestRow, limit: number): number | null {
  const within = met[limit];
  return within === undefined || requests === 0 ? null : within / requests;
}

function answerOf({ load, state, bracket, interval }: Searched, unit: string): string {
  const [shown] = interval;
  const [likely] = bracket;
  const holds = shown ?? likely;
  const what = load === 'rate' ? 'rate' : 'concurrency';
  if (state === 'none' || holds === null) return `No ${what} that was tried is within the limits.`;
  const figure = `${shortNumber(holds)}${unit}`;
  if (state === 'beyond')
    return `Every ${what} that was tried holds; the figures are those of ${figure}, so the largest is higher.`;
  const shownWords = shown === null ? 'is likely to hold' : 'is shown to hold';
  return `The figures of this page are those of a ${what} of ${figure}, which ${shownWords}.`;
}

/** Two loads, of which the lower holds and the higher misses. */
function span([holds, misses]: Searched['bracket'], unit: string): string {
  const lower = holds === null ? 'none holds' : `${shortNumber(holds)}${unit} holds`;
  return `${lower}, ${misses === null ? 'none misses' : `${shortNumber(misses)}${unit} misses`}`;
}
