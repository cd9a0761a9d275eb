import type { PublishedSweep, SweepsDocument } from '../../../../src/server/api.ts';
import { useDocument } from '../../data/use-loaded.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { moment, plural } from '../../parts/format.ts';
import { NoMeasurements, Ready } from '../../parts/states.tsx';
import { hashOf, type Route } from '../../state/route.ts';
import { SweepPage } from './sweep.tsx';

/** Every run, or one of them. */
export function Sweeps({ route }: { readonly route: Route }) {
  return route.id === '' ? <RunList /> : <SweepPage id={route.id} />;
}

const columns: readonly FigureColumn<PublishedSweep>[] = [
  { key: 'run', header: 'Run', value: ({ id }) => id, href: ({ id }) => hashOf('runs', { id }) },
  {
    key: 'created_at',
    header: 'Begun',
    value: ({ createdAt }) => createdAt,
    show: ({ createdAt }) => moment(createdAt),
  },
  { key: 'command', header: 'Started by', value: ({ command }) => command },
  { key: 'state', header: 'State', value: ({ state }) => state },
  { key: 'valid', header: 'Checked', numeric: true, value: ({ measurements }) => measurements.valid },
  {
    key: 'unchecked',
    header: 'Unchecked',
    numeric: true,
    value: ({ measurements }) => measurements.unchecked,
  },
  { key: 'suspect', header: 'Suspect', numeric: true, value: ({ measurements }) => measurements.suspect },
  { key: 'invalid', header: 'Invalid', numeric: true, value: ({ measurements }) => measurements.invalid },
];

function RunList() {
  const loaded = useDocument('runs');
  return (
    <Ready of={loaded} height={700}>
      {({ total, runs }: SweepsDocument) =>
        runs.length === 0 ? (
          <NoMeasurements />
        ) : (
          <>
            <div class="page-head">
              <h1>Runs</h1>
              <p class="quiet">
                {plural(total, 'run')}, newest first
                {total > runs.length && `; the newest ${runs.length} are listed`}.
              </p>
            </div>
            <section class="card">
              <DataTable caption="Runs" columns={columns} rows={runs} idOf={({ id }) => id} />
            </section>
          </>
        )
      }
    </Ready>
  );
}
