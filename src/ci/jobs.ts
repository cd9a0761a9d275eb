import { isMultiNode } from '../matrix/index.ts';
import type { EngineSession, Plan } from '../plan/index.ts';

/** The most jobs that GitHub Actions accepts in one matrix. */
const maxJobs = 256;

/** One job of a CI matrix: the engine sessions that one runner measures in turn, usually just one. */
export interface SessionsJob {
  /** Safe in file and artifact names; the same sessions always get the same id. */
  readonly id: string;
  /** Shown in the list of jobs; contains the name of the hardware. */
  readonly name: string;
  /** The runner's label: a runner pool or one of its nodes. */
  readonly runner: string;
  readonly sessions: readonly string[];
}

/** The jobs of a sweep, split by the workflow job that runs them. */
export interface SweepJobs {
  readonly singleNode: readonly SessionsJob[];
  readonly multiNode: readonly SessionsJob[];
}

/**
 * Makes one job per engine session. If there are too many for one matrix, sessions of the same runner share
 * jobs.
 */
export function sweepJobs(plan: Plan): SweepJobs {
  const isOnSeveralNodes = ({ points }: EngineSession) => points.some(({ entry }) => isMultiNode(entry));
  return {
    singleNode: jobsOf(plan.sessions.filter((session) => !isOnSeveralNodes(session))),
    multiNode: jobsOf(plan.sessions.filter(isOnSeveralNodes)),
  };
}

function jobsOf(sessions: readonly EngineSession[]): SessionsJob[] {
  const byRunner = [...Map.groupBy(sessions, ({ runner }) => runner).values()];
  let perJob = 1;
  while (byRunner.reduce((jobs, own) => jobs + Math.ceil(own.length / perJob), 0) > maxJobs) perJob += 1;
  return byRunner.flatMap((own) =>
    Array.from({ length: Math.ceil(own.length / perJob) }, (_, index) =>
      jobOf(own.slice(index * perJob, (index + 1) * perJob)),
    ),
  );
}

function jobOf(sessions: readonly EngineSession[]): SessionsJob {
  const [first] = sessions;
  if (first === undefined) throw new Error('a job has at least one session');
  const points = sessions.reduce((sum, session) => sum + session.points.length, 0);
  const more = sessions.length === 1 ? '' : ` and ${sessions.length - 1} more`;
  return {
    id: first.id.replaceAll(/[^A-Za-z0-9._-]/g, '-'),
    name: `${first.hardware} ${first.framework} ${first.id}${more} (${points} ${points === 1 ? 'point' : 'points'})`,
    runner: first.runner,
    sessions: sessions.map(({ id }) => id),
  };
}

/** `name=value` lines for `$GITHUB_OUTPUT`: the number of jobs, and the two matrices as JSON lists. */
export function jobOutputs({ singleNode, multiNode }: SweepJobs): string {
  return [
    `count=${singleNode.length + multiNode.length}`,
    `single-node=${JSON.stringify(singleNode)}`,
    `multi-node=${JSON.stringify(multiNode)}`,
    '',
  ].join('\n');
}
