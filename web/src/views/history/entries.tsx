import type { ChangePoint } from '../../../../src/derived/change-points.ts';
import type { PublishedChangelogEntry } from '../../../../src/server/api.ts';
import { day, percent, shortNumber, signedPercent } from '../../parts/format.ts';
import type { HistoryMoment } from './configurations.ts';

interface EntriesProps {
  readonly entries: readonly (PublishedChangelogEntry & { readonly number: number })[];
  readonly changes: readonly ChangePoint[];
  readonly moments: readonly HistoryMoment[];
}

/** A level changes between the last measurement of the old one and the first of the new one. */
function whenWords(moments: readonly HistoryMoment[], index: number): string {
  const [last, first] = [moments[index - 1], moments[index]].map((one) =>
    one === undefined ? '' : day(one.point.measuredAtS),
  );
  return last === first ? `on ${first}` : `between ${last} and ${first}`;
}

/** The marks of the chart, explained. */
export function Entries({ entries, changes, moments }: EntriesProps) {
  return (
    <div class="grid">
      <section class="card">
        <h2>Changes of level</h2>
        {changes.length === 0 ? (
          <p class="quiet">
            None found{moments.length < 4 ? ': fewer than four measurements cannot show one' : ''}.
          </p>
        ) : (
          <ul class="plain">
            {changes.map(({ index, before, after }) => (
              <li key={index}>
                <strong>{signedPercent(after / before - 1)}</strong> {whenWords(moments, index)}:{' '}
                {shortNumber(before)} → {shortNumber(after)}
              </li>
            ))}
          </ul>
        )}
        <p class="quiet hint">
          Method: the series is split into constant levels so that the squared error of the logarithms, plus 4
          σ² ln n for each level, is smallest; σ comes from differences between neighbours. A level has at
          least three measurements and is shown by their middle value; steps below {percent(0.01)} are
          ignored.
        </p>
      </section>
      <section class="card">
        <h2>Changelog</h2>
        {entries.length === 0 ? (
          <p class="quiet">No entry names a config of this series.</p>
        ) : (
          <ol class="plain">
            {entries.map(({ number, addedAt, description, prLink }) => (
              <li key={number}>
                <strong>{number}</strong>{' '}
                <span class="quiet">{addedAt === null ? 'date unknown' : day(addedAt)}</span>{' '}
                {description.join('; ')} {prLink !== null && <a href={prLink}>why</a>}
              </li>
            ))}
          </ol>
        )}
      </section>
    </div>
  );
}
