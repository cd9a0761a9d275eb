import type { ReliabilityDocument } from '../../../../src/server/api.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { day } from '../../parts/format.ts';

type Failure = ReliabilityDocument['failures'][number];

const columns: readonly FigureColumn<Failure>[] = [
  { key: 'failure_class', header: 'Failure', value: ({ failureClass }) => failureClass },
  { key: 'means', header: 'What it is', wide: true, value: ({ means }) => means ?? null },
  {
    key: 'of',
    header: 'Of',
    value: ({ of }) => of,
    show: ({ of }) => (of === 'start' ? 'an engine’s start' : 'a point'),
  },
  { key: 'hw', header: 'Hardware', value: ({ hw }) => hw },
  { key: 'framework', header: 'Engine', value: ({ framework }) => framework },
  { key: 'count', header: 'Times', numeric: true, value: ({ count }) => count },
  { key: 'last_at', header: 'Last seen', value: ({ lastAt }) => lastAt, show: ({ lastAt }) => day(lastAt) },
  { key: 'last_message', header: 'Last message', wide: true, value: ({ lastMessage }) => lastMessage },
];

/** Why attempts failed, the most frequent reason first. */
export function Failures({ failures }: { readonly failures: readonly Failure[] }) {
  return (
    <section class="card">
      <h2>Failures by class</h2>
      {failures.length === 0 ? (
        <p class="quiet">None.</p>
      ) : (
        <DataTable caption="Failures by class" columns={columns} rows={failures} />
      )}
    </section>
  );
}
