import type { Titles } from '../../../identity/index.ts';
import { figure } from '../../../load/index.ts';
import type { FailureStory, PointStory, SessionStory, SweepStory } from '../../../sweep/index.ts';
import { durationInWords } from '../../duration.ts';
import { quoted } from '../../quoted.ts';
import { whatWasDone } from '../../what-next.ts';

/** The log of a sweep, and whether a process is working on it now. */
export type ToldStory = SweepStory & { readonly running: boolean };

/** One line per sweep. */
export function listOfSweeps(stories: readonly ToldStory[]): string {
  if (stories.length === 0) return 'no sweeps yet; start one with `inferencemax run`\n';
  const width = Math.max(...stories.map(({ sweepId }) => sweepId.length));
  return stories
    .map((story) => {
      const total = Object.values(story.points).reduce((sum, count) => sum + count, 0);
      const failed = story.points.failed === 0 ? '' : `, ${story.points.failed} failed`;
      return `${story.sweepId.padEnd(width)}  ${stateOf(story)}, ${story.points.finished}/${total} points${failed}, ${hours(story)}\n`;
    })
    .join('');
}

/** The complete log of one sweep. */
export function storyInWords(story: ToldStory, directory: string, titles: Titles): string {
  const counts = Object.entries(story.points)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  const head = [
    `sweep ${story.sweepId}, created ${story.createdAt} by \`${story.command}\``,
    `  in       ${directory}`,
    `  state    ${stateOf(story)}`,
    `  points   ${counts.join(', ')}`,
    `  time     ${durationInWords(story.elapsedS)} in ${plural(story.runs, 'run')}; ${plural(story.engineStarts, 'engine start')}, ${hours(story)}`,
    ...(story.saving === undefined
      ? []
      : [
          `  saved    about ${durationInWords(story.saving.engineS)} of engine time (${story.saving.acceleratorHours.toPrecision(2)} accelerator hours): ${plural(story.saving.points, 'point')} and ${plural(story.saving.starts, 'engine start')} skipped`,
        ]),
    ...(story.orphansEnded > 0
      ? [`  orphans  ${plural(story.orphansEnded, 'engine')} left by a crashed run stopped`]
      : []),
    ...failureCounts(story),
    ...(story.stopped === undefined ? [] : failureLines('  stopped  ', story.stopped)),
  ];
  const nodes = story.nodes.map((node) => {
    const trouble = [
      ...(node.failures > 0 ? [plural(node.failures, 'failure')] : []),
      ...(node.quarantined === undefined ? [] : [`taken out of use: ${node.quarantined}`]),
      ...(node.takenBy === undefined ? [] : [`waited for sweep ${node.takenBy}`]),
    ];
    return `  ${[`${node.name}: ${plural(node.sessions, 'session')}, engines ${durationInWords(node.engineS)}`, ...trouble].join('; ')}`;
  });
  return `${[head.join('\n'), ['nodes', ...nodes].join('\n'), ...story.sessions.map((session) => sessionInWords(session, titles))].join('\n\n')}\n`;
}

/** The number of failures by class, most frequent first. */
function failureCounts({ sessions }: SweepStory): string[] {
  const failures = sessions.flatMap((session) => [
    ...session.failures,
    ...session.points.flatMap((point) => point.failures),
  ]);
  if (failures.length === 0) return [];
  const counts = [...Map.groupBy(failures, ({ failureClass }) => failureClass)]
    .map(([failureClass, { length }]) => ({ failureClass, length }))
    .toSorted((a, b) => b.length - a.length);
  return [`  failed   ${counts.map(({ failureClass, length }) => `${failureClass} ${length}×`).join(', ')}`];
}

function sessionInWords(session: SessionStory, titles: Titles): string {
  const where = session.nodes.length === 0 ? session.runner : session.nodes.join(', then ');
  const time =
    session.starts === 0
      ? ''
      : `; ${plural(session.starts, 'start')}, ${durationInWords(session.engineS)} of which ${durationInWords(session.loadingS)} loading`;
  return [
    `session ${session.id} on ${where}: ${session.state}${time}`,
    `  ${titles.model(session.servedModel)}, ${session.precision.toUpperCase()}, by ${titles.engine(session.framework)} on ${titles.hardware(session.hardware)}`,
    ...session.failures.flatMap((failure) => failureLines('  ', failure)),
    ...(session.failures.length === 0 || session.argv === undefined
      ? []
      : [`  by hand: ${quoted(session.argv)}`, `  log: sessions/${session.id}/engine.log`]),
    ...session.points.flatMap(pointLines),
    ...session.checks.map(
      ({ task, score, verdict, reason }) =>
        `  ${task}: ${score === undefined ? '' : `${score.toFixed(3)}, `}${verdict}: ${reason}`,
    ),
  ].join('\n');
}

function pointLines(point: PointStory): string[] {
  const again = point.repeat === 1 ? '' : `, repeat ${point.repeat}`;
  const facts = [
    point.state === 'finished' ? (point.verdict ?? 'finished') : point.state,
    ...(point.outputThroughput === undefined ? [] : [`${figure(point.outputThroughput, 1)} tok/s out`]),
    ...(point.tookS === undefined ? [] : [`took ${durationInWords(point.tookS)}`]),
    ...(point.attempts > 1 ? [plural(point.attempts, 'attempt')] : []),
    ...(point.reason === undefined ? [] : [point.reason]),
  ];
  return [
    `  ${point.isl}/${point.osl} at concurrency ${point.conc}${again}: ${facts.join(', ')}`,
    ...point.failures.flatMap((failure) => failureLines('    ', failure)),
  ];
}

function failureLines(
  indent: string,
  failure: Pick<FailureStory, 'failureClass' | 'message' | 'todo' | 'logTail'> & Partial<FailureStory>,
): string[] {
  const where = [failure.at?.slice(11, 19), failure.node].filter((part) => part !== undefined).join(' on ');
  const next = failure.next === undefined ? '' : `, ${whatWasDone(failure)}`;
  const tail = failure.logTail === undefined || failure.logTail === '' ? [] : failure.logTail.split('\n');
  return [
    `${indent}${where === '' ? '' : `${where}: `}${failure.failureClass}${next}: ${failure.message}`,
    ...(failure.todo === undefined ? [] : [`${' '.repeat(indent.length)}  to do: ${failure.todo}`]),
    ...tail.slice(-5).map((line) => `${' '.repeat(indent.length)}  | ${line}`),
  ];
}

function stateOf(story: ToldStory): string {
  if (story.running) return 'running';
  if (story.state === 'finished' && story.points.finished === 0) return 'ended, nothing measured';
  if (story.state !== 'stopped without a final event') return story.state;
  return 'stopped without a final event (killed?); `inferencemax run --resume` continues it';
}

function hours({ engineS, acceleratorHours }: SweepStory): string {
  return `engines ${durationInWords(engineS)} (${acceleratorHours.toPrecision(2)} accelerator hours)`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
