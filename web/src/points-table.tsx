import type { PointView } from '../../src/server/api.ts';
import { shortNumber } from './measures.ts';
import type { Series } from './series.ts';

interface Cell {
  readonly header: string;
  readonly text: (point: PointView) => string;
  readonly numeric: boolean;
}

const number = (header: string, value: (point: PointView) => number): Cell => ({
  header,
  numeric: true,
  text: (point) => shortNumber(value(point)),
});

const cells: readonly Cell[] = [
  number('Concurrency', (point) => point.conc),
  { header: 'Layout', numeric: false, text: (point) => point.layout },
  number('Total tok/s per accelerator', (point) => point.tputPerGpu),
  number('Output tok/s per accelerator', (point) => point.outputTputPerGpu),
  number('Interactivity tok/s/user', (point) => point.interactivity),
  number('TTFT ms', (point) => point.ttftMs),
  number('TPOT ms', (point) => point.tpotMs),
  number('E2EL s', (point) => point.e2elS),
];

/** The same points as the charts, as numbers: medians over the requests of each point. */
export function PointsTable({ series }: { readonly series: readonly Series[] }) {
  return (
    <div class="scroll">
      <table>
        <caption>Every point of the charts; times are medians over its requests.</caption>
        <thead>
          <tr>
            <th scope="col">Series</th>
            {cells.map(({ header, numeric }) => (
              <th key={header} scope="col" class={numeric ? 'numeric' : ''}>
                {header}
              </th>
            ))}
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {series.flatMap(({ name, colour, points }) =>
            points.map((point) => (
              <tr key={point.id} data-point={point.id} data-conc={point.conc} data-tput={point.tputPerGpu}>
                <th scope="row">
                  <span class="swatch" style={{ background: colour }} /> {name}
                </th>
                {cells.map(({ header, text, numeric }) => (
                  <td key={header} class={numeric ? 'numeric' : ''}>
                    {text(point)}
                  </td>
                ))}
                <td class={point.verdict} title={point.reasons.join('; ')}>
                  {point.verdict}
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}
