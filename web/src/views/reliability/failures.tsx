import type { ReliabilityDocument } from '../../../../src/server/api.ts';
import type { Names } from '../../data/names.ts';
import { CodeBlock } from '../../parts/code-block.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { day } from '../../parts/format.ts';

type Failure = ReliabilityDocument['failures'][number];

const columnsOf = (names: Names): readonly FigureColumn<Failure>[] => [
  { key: 'failure_class', header: 'Failure', value: ({ failureClass }) => failureClass },
  { key: 'means', header: 'What it is', wide: true, value: ({ means }) => means ?? null },
  {
    key: 'of',
    header: 'Of',
    value: ({ of }) => of,
    show: ({ of }) => (of === 'start' ? 'an engine’s start' : 'a point'),
  },
  { key: 'hw', header: 'Hardware', value: ({ hw }) => names.hardware(hw) },
  { key: 'framework', header: 'Engine', value: ({ framework }) => names.engine(framework) },
  { key: 'count', header: 'Times', numeric: true, value: ({ count }) => count },
  { key: 'last_at', header: 'Last seen', value: ({ lastAt }) => lastAt, show: ({ lastAt }) => day(lastAt) },
  { key: 'last_message', header: 'Last message', wide: true, value: ({ lastMessage }) => lastMessage },
];

interface FailuresProps {
  readonly failures: readonly Failure[];
  readonly names: Names;
  /** The first day of all attempts. */
  readonly since: string | undefined;
}

/** Why attempts failed, the most frequent reason first. */
export function Failures({ failures, names, since }: FailuresProps) {
  return (
    <section class="card">
      <h2>Failures by class</h2>
      {failures.length > 0 && since !== undefined && (
        <p class="quiet">All since {day(since)}, whatever the period above.</p>
      )}
      {failures.length === 0 ? (
        <p class="quiet">None.</p>
      ) : (
        <>
          <DataTable caption="Failures by class" columns={columnsOf(names)} rows={failures} />
          <Logs failures={failures} names={names} />
        </>
      )}
    </section>
  );
}

/** The end of the engine's log of the last failure of each class, if the server has it. */
function Logs({ failures, names }: Pick<FailuresProps, 'failures' | 'names'>) {
  const logs = failures.flatMap(({ lastLog, ...failure }) =>
    lastLog === null || lastLog.trim() === '' ? [] : [{ ...failure, lastLog }],
  );
  if (logs.length === 0) return null;
  return (
    <>
      <h3>End of the engine’s log, of the last failure of each class</h3>
      {logs.map(({ failureClass, of, hw, framework, lastAt, lastLog }) => {
        const name = `${failureClass} on ${names.hardware(hw)}, ${names.engine(framework)}, ${day(lastAt)}`;
        return (
          <details key={`${failureClass} ${of} ${hw} ${framework}`}>
            <summary>{name}</summary>
            <CodeBlock label={`the end of the log: ${name}`} text={lastLog} />
          </details>
        );
      })}
    </>
  );
}
