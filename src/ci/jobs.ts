import { isMultiNode } from '../matrix/index.ts';
import type { EngineSession, Plan } from '../plan/index.ts';

/** GitHub Actions runs at most so many jobs from one matrix. */
const maxJobs = 256;

/** One job of a CI matrix: engine sessions that one runner measures one after the other, in most sweeps a single one. */
export interface SessionsJob {
  /** Safe in file and artifact names, and the same whenever the same sessions are planned. */
  readonly id: string;
  /** What people read in the list of jobs; its words name the hardware. */
  readonly name: string;
  /** The label of the runner: a runner pool, or one node of it. */
  readonly runner: string;
  readonly sessions: readonly string[];
}

/** The jobs of a sweep, apart by what runs them. */
export interface SweepJobs {
  readonly singleNode: readonly SessionsJob[];
  readonly multiNode: readonly SessionsJob[];
}

/** One job for each engine session; where that makes more than a matrix may have, sessions of one runner share jobs. */
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
