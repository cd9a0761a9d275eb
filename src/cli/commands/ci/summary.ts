import { type AggregateRow, summaryMarkdown } from '../../../results/index.ts';
import type { FailureStory, PointStory, SessionStory, SweepStory } from '../../../sweep/index.ts';
import { whatWasDone } from '../../what-next.ts';

/** Log lines that a summary shows per failure; the run has the whole log. */
const shownLogLines = 20;
/** The runs contain what is cut off. */
const [mostFailures, longestCause] = [50, 300];

/**
 * Summarizes a sweep of several jobs as Markdown: how much was measured, the tables, and for each failure its class,
 * the engine's last log lines, and how to retry it.
 * @param retry Returns the command that retries what failed.
 */
export function ciSummary(
  stories: readonly SweepStory[],
  rows: readonly AggregateRow[],
  retry: (story: SweepStory) => string,
): string {
  const tables = rows.length === 0 ? [] : [summaryMarkdown(rows).trim()];
  const failures = stories.flatMap((story) =>
    story.sessions.flatMap((session) => failuresOf(story, session, retry)),
  );
  const told = failureLines(stories);
  // Points that were left out have not failed.
  const lines = told.length === 0 && failures.length > 0 ? ['## Failures'] : told;
  return `${[`# Sweep\n\n${countsOf(stories)}`, ...tables, ...lines, ...failures].join('\n\n')}\n`;
}

/**
 * One line per failure: its class, where it happened, the cause, the fix, and whether it was retried; empty if nothing
 * failed.
 */
export function failureSummary(stories: readonly SweepStory[]): string {
  return failureLines(stories)
    .map((part) => `${part}\n`)
    .join('\n');
}

function failureLines(stories: readonly SweepStory[]): string[] {
  const lines = stories.flatMap(({ sessions }) =>
    sessions.flatMap((session) => [
      ...session.failures.map((failure) => failureLine(session.id, failure)),
      ...session.points.flatMap(({ isl, osl, conc, failures }) =>
        failures.map((failure) =>
          failureLine(`${session.id}, ${isl}/${osl} at concurrency ${conc}`, failure),
        ),
      ),
    ]),
  );
  if (lines.length === 0) return [];
  const more = lines.length > mostFailures ? [`- and ${lines.length - mostFailures} more`] : [];
  return ['## Failures', [...lines.slice(0, mostFailures), ...more].join('\n')];
}

function failureLine(what: string, failure: FailureStory): string {
  const { failureClass, node, message, todo, next } = failure;
  const cause = message.replaceAll(/\s+/g, ' ').slice(0, longestCause);
  return [
    `- **${failureClass}** ${escaped(what)}${node === undefined ? '' : ` on ${escaped(node)}`}: ${escaped(cause)}`,
    ...(todo === undefined ? [] : [`To do: ${escaped(todo)}`]),
    ...(next === undefined ? [] : [`It was ${whatWasDone(failure)}`]),
  ].join('. ');
}

function countsOf(stories: readonly SweepStory[]): string {
  const sum = (of: (story: SweepStory) => number) => stories.reduce((total, story) => total + of(story), 0);
  const all = sum(({ points }) => Object.values(points).reduce((total, count) => total + count, 0));
  const others = (['failed', 'skipped', 'left-out', 'started', 'waiting'] as const).flatMap((state) => {
    const count = sum(({ points }) => points[state]);
    return count === 0 ? [] : [`${count} ${state}`];
  });
  const starts = sum(({ engineStarts }) => engineStarts);
  const hours = sum(({ acceleratorHours }) => acceleratorHours);
  return [
    `${sum(({ points }) => points.finished)} of ${all} points measured`,
    ...others,
    `${starts} engine ${starts === 1 ? 'start' : 'starts'}`,
    `${hours.toFixed(2)} accelerator hours`,
  ].join(', ');
}

function failuresOf(
  story: SweepStory,
  session: SessionStory,
  retry: (story: SweepStory) => string,
): string[] {
  const lost = session.points.filter(({ state }) => state === 'failed' || state === 'left-out');
  if (lost.length === 0) return [];
  const last = [...session.failures, ...lost.flatMap(({ failures }) => failures)].at(-1);
  return [
    [
      `### ${session.id} on ${session.nodes.at(-1) ?? session.runner}`,
      lost.map(lostPoint).join('\n'),
      ...(last === undefined ? [] : [failureText(last)]),
      `Retry: \`${retry(story)}\``,
    ].join('\n\n'),
  ];
}

function lostPoint({ isl, osl, conc, state, failures, reason }: PointStory): string {
  const classes = [...new Set(failures.map(({ failureClass }) => failureClass))].join(', ');
  const why = classes === '' ? reason : classes;
  return `- ${isl}/${osl} at concurrency ${conc}: ${why === undefined ? state : `${state}, ${escaped(why)}`}`;
}

function failureText({ failureClass, message, todo, logTail }: FailureStory): string {
  const advice = todo === undefined ? '' : `\n\n**To do**: ${escaped(todo)}`;
  const said = `**${failureClass}**: ${escaped(message)}${advice}`;
  if (logTail === undefined || logTail === '') return said;
  const lines = logTail.split('\n').slice(-shownLogLines).join('\n');
  return `${said}\n\n<details><summary>Last lines of the engine log</summary>\n\n${fenced(lines)}\n\n</details>`;
}

/** Escapes program output, so that it does not become markup. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/([*_`[\]|])/g, '\\$1');
}

/** A code block with a fence longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
