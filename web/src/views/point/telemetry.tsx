import type { PointDocument } from '../../../../src/server/api.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { FigureColumn } from '../../parts/figures.ts';

type Sampled = PointDocument['telemetry'][number];

const columns: readonly FigureColumn<Sampled>[] = [
  { key: 'device', header: 'Device', value: ({ device }) => device },
  { key: 'metric', header: 'What', value: ({ metric }) => metric },
  { key: 'mean', header: 'Mean', numeric: true, value: ({ mean }) => mean },
  { key: 'min', header: 'Least', numeric: true, value: ({ min }) => min },
  { key: 'max', header: 'Most', numeric: true, value: ({ max }) => max },
  { key: 'samples', header: 'Samples', numeric: true, value: ({ samples }) => samples },
];

/** Power and the engine's own metrics over the measured window. */
export function Telemetry({ point }: { readonly point: PointDocument }) {
  if (point.telemetry.length === 0) return null;
  return (
    <section class="card">
      <h2>Telemetry over the measured window</h2>
      <DataTable caption="Telemetry over the measured window" columns={columns} rows={point.telemetry} />
    </section>
  );
}
