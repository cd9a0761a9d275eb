import type { Need } from '../../../../src/derived/answer.ts';
import { arrivalWords } from '../../data/arrival-words.ts';
import {
  accuracyWords,
  isP99FarAbove,
  modelled,
  type Row,
  scoredElsewhere,
  standingWords,
  tokenWords,
} from '../../data/decision-words.ts';
import { deviceOf } from '../../data/device.ts';
import type { Names } from '../../data/names.ts';
import { serverWords } from '../../data/server-words.ts';
import { About } from '../../parts/about.tsx';
import { age, day, quantity, seconds, usd, usdTo } from '../../parts/format.ts';
import type { Topic } from '../../parts/topics.ts';
import { Verdict } from '../../parts/verdict.tsx';
import { hashOf } from '../../state/route.ts';
import type { ChangeParams } from '../../state/use-route.ts';
import { hardwareColour } from '../../theme/hardware-colours.ts';
import { useTheme } from '../../theme/theme.ts';
import type { By, OverviewValues } from './params.ts';
import { orders, sorted } from './sorting.ts';

interface DecisionTableProps {
  readonly rows: readonly Row[];
  readonly need: Need;
  readonly names: Names;
  readonly values: OverviewValues;
  readonly change: ChangeParams<OverviewValues>;
  readonly staleAfterDays: number | undefined;
  readonly caption: string;
}

/** The sort key, the text, its meaning, and its topic in the documentation. */
type Header = readonly [by: By | null, text: string, meaning: string, topic: Topic | null];

/** A row for each hardware type: the best server within the limits, and its figures. */
export function DecisionTable(props: DecisionTableProps) {
  const { rows, need, names, values, change, staleAfterDays, caption } = props;
  const { mode } = useTheme();
  const ordered = sorted(rows, values.by);
  const device = deviceOf(rows.map(({ answer }) => answer.hw));
  const most = Math.max(...rows.map(({ answer }) => answer.tputPerGpu));
  const tokens = need.tokens === 'total' ? '' : ` ${need.tokens}`;
  const headers: readonly Header[] = [
    [null, 'Hardware, best server', '', 'answer'],
    [
      'tput',
      `tok/s per ${device}`,
      `${tokenWords[need.tokens]} per second, divided by all ${device}s of the server`,
      'throughput',
    ],
    ['usd', `$ per M${tokens} tokens`, `${tokenWords[need.tokens]}, at the prices chosen above`, 'derived'],
    ['kw', 'kW per M tok/s', 'all-in power of the GPUs that deliver a million tokens per second', 'derived'],
    ['gpus', `${device}s`, 'of one server', null],
    ['ttft', 'First token', `time to the first token, ${need.ttftStatistic} and p99`, 'latency'],
    ['accuracy', 'Accuracy', 'share of correct answers in an accuracy task', 'accuracy'],
    ['age', 'Measured', '', null],
    [
      'verdict',
      'Timing',
      'whether the measured times can be trusted; says nothing about accuracy',
      'verdict',
    ],
  ];
  return (
    <div class="decision">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys. */}
      <section class="decision-scroll" tabIndex={0} aria-label={caption}>
        <table>
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              {headers.map(([by, text, meaning, topic]) => (
                <th
                  key={text}
                  scope="col"
                  class={by === null || by === 'verdict' ? '' : 'numeric'}
                  aria-sort={ariaSort(by, values.by)}
                >
                  <span class="explained">
                    {by === null ? (
                      text
                    ) : (
                      <button type="button" title={meaning} onClick={() => change({ by })}>
                        {text}
                        <span aria-hidden="true" class="sort-mark">
                          {by === values.by ? (orders[by].better === 'higher' ? '▼' : '▲') : ''}
                        </span>
                      </button>
                    )}
                    {topic !== null && <About topic={topic} of={text} />}
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ordered.map((row) => (
              <DecisionRow
                key={row.answer.hw}
                row={row}
                need={need}
                names={names}
                mode={mode}
                most={most}
                staleAfterDays={staleAfterDays}
                headers={headers}
                first={ordered[0]}
                by={values.by}
              />
            ))}
          </tbody>
        </table>
      </section>
      {rows.some(({ verdict }) => verdict === 'unchecked') && (
        <p class="absent" data-note="unchecked">
          Timing <b>unchecked</b>: the source has the figures but not how they were measured, so the times
          could not be checked. Accuracy is a separate check, of the answers.
        </p>
      )}
    </div>
  );
}

function DecisionRow({
  row,
  first,
  by,
  need,
  names,
  mode,
  most,
  staleAfterDays = Number.POSITIVE_INFINITY,
  headers,
}: {
  readonly row: Row;
  readonly first: Row | undefined;
  readonly by: By;
  readonly need: Need;
  readonly names: Names;
  readonly mode: 'light' | 'dark';
  readonly most: number;
  readonly staleAfterDays: number | undefined;
  readonly headers: readonly Header[];
}) {
  const { answer, points, accuracy, arrival, beyondTtft } = row;
  const [point] = points;
  if (point === undefined) return null;
  const label = (column: By) => headers.find(([name]) => name === column)?.[1];
  const { isProven } = orders[by];
  const isLevel = first !== undefined && first !== row && isProven !== undefined && !isProven(first, row);
  const level = (column: By) =>
    column === by && isLevel ? <small class="level">not proven different from the first</small> : null;
  const judged = accuracyWords(accuracy);
  const isOld = Date.now() / 1000 - row.measuredAtS > staleAfterDays * 86_400;
  const stricter = answer.speedStatistic === need.speedStatistic ? '' : ` (${answer.speedStatistic})`;
  return (
    <tr data-hw={answer.hw} data-tput={answer.tputPerGpu} data-usd={row.usdPerMillion ?? ''}>
      <th scope="row">
        <a
          class="decision-name"
          href={hashOf('point', { id: point.id })}
          style={{ '--hw': hardwareColour(answer.hw, mode) }}
        >
          {names.hardware(answer.hw)}
        </a>
        <small>{serverWords(point.point.series, names)}</small>
        <small class="quiet">
          {standingWords(row)}, {quantity(modelled(answer, answer.speed), 'tok/s')} per user
          {stricter}
        </small>
        <small class={arrival.state === 'bursts' ? '' : 'quiet'} data-arrival={arrival.state}>
          {arrivalWords(arrival)}
        </small>
        {beyondTtft !== null && (
          <small class="quiet" data-beyond={beyondTtft.tputPerGpu}>
            {quantity(modelled(beyondTtft, beyondTtft.tputPerGpu), 'tok/s')} if the first token may take{' '}
            {beyondTtft.ttftMs === null ? 'longer' : seconds(beyondTtft.ttftMs)}
          </small>
        )}
      </th>
      <td class="numeric strong" data-label={label('tput')} title={standingWords(row)}>
        {modelled(answer, answer.tputPerGpu)}
        <span class="decision-bar" aria-hidden="true">
          <span
            style={{
              width: `${(100 * answer.tputPerGpu) / most}%`,
              background: hardwareColour(answer.hw, mode),
            }}
          />
        </span>
        {level('tput')}
      </td>
      <td class="numeric" data-label={label('usd')}>
        {row.usdPerMillion === null ? (
          <span class="quiet">no price</span>
        ) : (
          modelled(answer, row.usdPerMillion, usdTo)
        )}
        {row.usdPerGpuHour !== null && (
          <small class="quiet" data-price={row.usdPerGpuHour}>
            {usd(row.usdPerGpuHour)} per {deviceOf([answer.hw])}-h
          </small>
        )}
        {level('usd')}
      </td>
      <td class="numeric" data-label={label('kw')}>
        {row.kwPerMtokPerS === null ? (
          <span class="quiet">not known</span>
        ) : (
          modelled(answer, row.kwPerMtokPerS)
        )}
        {level('kw')}
      </td>
      <td class="numeric" data-label={label('gpus')}>
        {point.gpus.total}
      </td>
      <td class="numeric" data-label={label('ttft')}>
        {answer.ttftMs === null ? (
          <span class="quiet">not known</span>
        ) : (
          modelled(answer, answer.ttftMs, seconds)
        )}
        {need.ttftStatistic !== 'p99' && (
          <small class={isP99FarAbove(answer) ? '' : 'quiet'} data-p99-ttft={answer.p99TtftMs ?? ''}>
            p99 {answer.p99TtftMs === null ? 'not known' : modelled(answer, answer.p99TtftMs, seconds)}
          </small>
        )}
      </td>
      <td class="numeric" data-label={label('accuracy')} title={judged.long}>
        <span class={accuracy.state === 'unknown' ? 'quiet' : accuracy.state === 'failed' ? 'bad' : ''}>
          {judged.short}
        </span>
        {scoredElsewhere(row) !== null && (
          <small class="quiet" data-scored-at={scoredElsewhere(row)}>
            at concurrency {scoredElsewhere(row)}
          </small>
        )}
      </td>
      <td class="numeric" data-label={label('age')}>
        <time
          class={isOld ? 'old' : ''}
          dateTime={new Date(row.measuredAtS * 1000).toISOString()}
          title={age(row.measuredAtS)}
        >
          {day(row.measuredAtS)}
        </time>
      </td>
      <td data-label={label('verdict')}>
        <Verdict verdict={row.verdict} />
      </td>
    </tr>
  );
}

function ariaSort(by: By | null, sortedBy: By): 'ascending' | 'descending' | 'none' {
  if (by !== sortedBy) return 'none';
  return orders[sortedBy].better === 'higher' ? 'descending' : 'ascending';
}
