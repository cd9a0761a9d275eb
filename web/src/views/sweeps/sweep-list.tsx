import { useMemo } from 'preact/hooks';
import { verdicts } from '../../../../src/derived/verdicts.ts';
import type { ListedSweep, SweepsDocument } from '../../../../src/server/api.ts';
import { useNames } from '../../data/names.ts';
import type { Names } from '../../data/names-in.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { day, plural } from '../../parts/format.ts';
import { Notice } from '../../parts/states.tsx';
import { hashOf, type Route } from '../../state/route.ts';
import { useParams } from '../../state/use-route.ts';
import { offeredBy, sweepFilters, sweepsAsked } from './filters.ts';
import { sweepsParams } from './params.ts';

/** All runs with their subjects, and filters. */
export function SweepList({ document, route }: { readonly document: SweepsDocument; readonly route: Route }) {
  const { total, runs } = document;
  const [values, change] = useParams(route, sweepsParams);
  const names = useNames();
  const shown = useMemo(() => sweepsAsked(runs, values), [runs, values]);
  const columns = useMemo(() => columnsOf(shown, names), [shown, names]);
  return (
    <>
      <div class="page-head">
        <h1>Runs</h1>
        <p class="quiet" aria-live="polite">
          {shown.length === runs.length ? plural(total, 'run') : `${shown.length} of ${plural(total, 'run')}`}
          , newest first
          {total > runs.length && `; the newest ${runs.length} are listed`}.{scoresOnlyWords(shown)}
        </p>
      </div>
      <form class="choices" aria-label="Which runs" onSubmit={(event) => event.preventDefault()}>
        {sweepFilters.map((filter) => {
          const offered = offeredBy(filter, runs, values);
          const { name, label } = filter;
          return offered.length < 2 && values[name] === '' ? null : (
            <Choice
              key={name}
              label={label}
              value={values[name]}
              options={[
                { value: '', text: 'Any' },
                ...offered.map(({ value, count }) => ({
                  value,
                  text: `${titleIn(name, names)(value)} (${count})`,
                })),
              ]}
              onChange={(asked) => change({ [name]: asked })}
            />
          );
        })}
      </form>
      {shown.length === 0 ? (
        <Notice title="No run matches">
          <p>Set one of the filters to “Any”.</p>
        </Notice>
      ) : (
        <section class="card">
          <DataTable caption="Runs" columns={columns} rows={shown} pageSize={25} idOf={({ id }) => id} />
        </section>
      )}
    </>
  );
}

/** Runs that measured no speed would otherwise look as if they had failed. */
function scoresOnlyWords(runs: readonly ListedSweep[]): string {
  const count = runs.filter(
    ({ measurements, scores }) => scores > 0 && verdicts.every((verdict) => measurements[verdict] === 0),
  ).length;
  return count === 0
    ? ''
    : ` ${plural(count, 'run')} of these ${count === 1 ? 'has' : 'have'} only accuracy scores.`;
}

function titleIn(name: keyof typeof sweepsParams, names: Names): (value: string) => string {
  const titles = { runmodel: names.model, hw: names.hardware, engine: names.engine, from: String };
  return titles[name];
}

/** A column that is empty for all shown runs is left out. */
function columnsOf(runs: readonly ListedSweep[], names: Names): readonly FigureColumn<ListedSweep>[] {
  const list = (
    key: string,
    header: string,
    values: (run: ListedSweep) => readonly string[],
    title: (value: string) => string,
  ): FigureColumn<ListedSweep> => ({
    key,
    header,
    value: (run) => values(run).map(title).join(', ') || null,
    show: (run) => shortList(values(run).map(title)),
  });
  return [
    { key: 'run', header: 'Run', value: ({ id }) => id, href: ({ id }) => hashOf('runs', { id }) },
    {
      key: 'created_at',
      header: 'Started',
      value: ({ createdAt }) => createdAt,
      show: ({ createdAt }) => day(createdAt),
    },
    list('models', 'Model', ({ models }) => models, names.model),
    hardwareColumn(names),
    list('engines', 'Engine', ({ frameworks }) => frameworks, names.engine),
    ...verdicts.flatMap((verdict) =>
      count(
        runs,
        verdict,
        `${verdict} points`.replace(/^./, (first) => first.toUpperCase()),
        (run) => run.measurements[verdict],
      ),
    ),
    ...count(runs, 'scores', 'Scores', ({ scores }) => scores),
    ...(runs.some(({ state }) => state !== 'unknown')
      ? [
          {
            key: 'state',
            header: 'State',
            value: ({ state }: ListedSweep) => (state === 'unknown' ? null : state),
          },
        ]
      : []),
    ...(new Set(runs.map(({ command }) => command)).size > 1
      ? [{ key: 'command', header: 'Started by', value: ({ command }: ListedSweep) => command || null }]
      : []),
  ];
}

/** Hardware of a run; if the run also has points of other hardware, what was only scored is marked. */
function hardwareColumn(names: Names): FigureColumn<ListedSweep> {
  const titles = ({ hardware, onlyScored }: ListedSweep) =>
    hardware.map((hw) =>
      onlyScored.includes(hw) && onlyScored.length < hardware.length
        ? `${names.hardware(hw)} (only scores)`
        : names.hardware(hw),
    );
  return {
    key: 'hardware',
    header: 'Hardware',
    value: (run) => titles(run).join(', ') || null,
    show: (run) => shortList(titles(run)),
  };
}

/** The first two words and the number of the others; the page of the run lists all. */
function shortList(words: readonly string[]): string {
  if (words.length === 0) return '–';
  return words.length < 4 ? words.join(', ') : `${words.slice(0, 2).join(', ')} and ${words.length - 2} more`;
}

function count(
  runs: readonly ListedSweep[],
  key: string,
  header: string,
  of: (run: ListedSweep) => number,
): FigureColumn<ListedSweep>[] {
  return runs.some((run) => of(run) > 0)
    ? [
        {
          key,
          header,
          numeric: true,
          value: of,
          show: (run) => (of(run) === 0 ? '–' : of(run).toLocaleString('en')),
        },
      ]
    : [];
}
