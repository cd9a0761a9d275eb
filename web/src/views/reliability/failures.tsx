import type { ReliabilityDocument } from '../../../../src/server/api.ts';
import { CodeBlock } from '../../parts/code-block.tsx';
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
        <>
          <DataTable caption="Failures by class" columns={columns} rows={failures} />
          <Logs failures={failures} />
        </>
      )}
    </section>
  );
}

/** The end of the engine's log of the last failure of each class, if the server has it. */
function Logs({ failures }: { readonly failures: readonly Failure[] }) {
  const logs = failures.flatMap(({ lastLog, ...failure }) =>
    lastLog === null || lastLog.trim() === '' ? [] : [{ ...failure, lastLog }],
  );
  if (logs.length === 0) return null;
  return (
    <>
      <h3>End of the engine’s log, of the last failure of each class</h3>
      {logs.map(({ failureClass, of, hw, framework, lastAt, lastLog }) => {
        const name = `${failureClass} on ${hw}, ${framework}, ${day(lastAt)}`;
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
