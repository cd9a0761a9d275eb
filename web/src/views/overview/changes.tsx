import { unknownImage } from '../../../../src/derived/candidate.ts';
import type { OverviewDocument } from '../../../../src/server/api.ts';
import { deviceOf } from '../../data/device.ts';
import type { Names } from '../../data/names-in.ts';
import { shapeName } from '../../data/points.ts';
import { seriesTitle } from '../../data/server-words.ts';
import { day, plural, quantity, shortNumber, signedPercent } from '../../parts/format.ts';
import { Verdict } from '../../parts/verdict.tsx';
import { hashOf } from '../../state/route.ts';

const weekMs = 7 * 86_400_000;

/** The week ends with the newest measurement, which may be long ago. */
function weekEnd(since: string): string {
  return day(new Date(Date.parse(since) + weekMs).toISOString());
}

/** Recent measurements with a different result than before, and the reason in the changelog. */
export function Changes({ document, names }: { readonly document: OverviewDocument; readonly names: Names }) {
  const { changes, changesSince, comparedWithinDays, olderBefore } = document;
  return (
    <section class="card" aria-labelledby="changes">
      <h2 id="changes">
        {changesSince === null ? 'What changed' : `What changed in the week to ${weekEnd(changesSince)}`}
      </h2>
      {changes.length === 0 ? (
        <p class="quiet">
          No configuration was measured again with a different result
          {changesSince === null ? '' : ` since ${day(changesSince)}`}
          {olderBefore > 0 && ` within ${comparedWithinDays} days`}.
        </p>
      ) : (
        <ul class="changes">
          {changes.map((change) => (
            <li key={change.after.id} data-change={change.relative}>
              <strong class={change.relative >= 0 ? 'good' : 'bad'}>{signedPercent(change.relative)}</strong>
              <div>
                <div>
                  <b>{seriesTitle(change.series, names)}</b> · {names.model(change.shape.modelPrefix)},{' '}
                  {shapeName(change.shape)}
                </div>
                <div class="quiet">
                  <a href={hashOf('point', { id: change.before.id })}>{shortNumber(change.before.value)}</a> →{' '}
                  <a href={hashOf('point', { id: change.after.id })}>
                    {quantity(shortNumber(change.after.value), `tok/s/${deviceOf([change.series.hw])}`)}
                  </a>{' '}
                  at concurrency {change.conc}, {change.layout}, measured {day(change.before.measuredAt)} and{' '}
                  {day(change.after.measuredAt)}{' '}
                  {[change.before, change.after].some(({ verdict }) => verdict === 'suspect') && (
                    <Verdict verdict="suspect" />
                  )}
                </div>
                <Why change={change} />
              </div>
            </li>
          ))}
        </ul>
      )}
      {(changes.length > 0 || olderBefore > 0) && (
        <p class="quiet" data-older-before={olderBefore}>
          {comparisonWords(comparedWithinDays, olderBefore)}
        </p>
      )}
    </section>
  );
}

/** What is compared, and how much is too old to compare with. */
function comparisonWords(days: number, olderBefore: number): string {
  const rule = `Compared with the previous measurement of the same configuration, if it is at most ${days} days older.`;
  return olderBefore === 0
    ? rule
    : `${rule} ${plural(olderBefore, 'point')} that ${olderBefore === 1 ? 'was' : 'were'} measured again after a longer time ${olderBefore === 1 ? 'is' : 'are'} left out.`;
}

function Why({ change }: { readonly change: OverviewDocument['changes'][number] }) {
  if (change.changelog.length > 0) {
    return (
      <ul class="why">
        {change.changelog.flatMap(({ description, prLink }) =>
          description.map((text) => (
            <li key={text}>
              {text} {prLink !== null && <a href={prLink}>why</a>}
            </li>
          )),
        )}
      </ul>
    );
  }
  const [before, after] = [change.before.image, change.after.image];
  if (before === unknownImage || after === unknownImage) {
    return (
      <div class="quiet">
        No changelog entry, and{' '}
        {before === after ? (
          'neither image is known'
        ) : (
          <>
            only the {before === unknownImage ? 'newer' : 'older'} image is known (
            <code>{before === unknownImage ? after : before}</code>)
          </>
        )}
        : compare both measurements before you rely on this change.
      </div>
    );
  }
  return before === after ? (
    <div class="quiet">
      No changelog entry, and the image is the same: compare both measurements before you rely on this change.
    </div>
  ) : (
    <div class="quiet">
      No changelog entry; the image changed from <code>{before}</code> to <code>{after}</code>.
    </div>
  );
}
