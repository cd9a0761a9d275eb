import { setTimeout as delay } from 'node:timers/promises';
import { WorkError } from '../../errors.ts';
import type { FailureClass } from '../../failures/index.ts';
import { type Host, mustRun } from '../../hosts/index.ts';
import type { ExitReason } from '../launcher.ts';

const commandTimeoutMs = 60_000;
const pollMs = 300;

/** Intervals and timeouts; tests use shorter ones. */
export const slurmTimes = {
  /** Interval between checks of the job while its engine runs. */
  watchMs: 5_000,
  /** Time between SIGTERM and SIGKILL. */
  graceMs: 10_000,
  /** How long the cluster may take to end a job. */
  cancelMs: 120_000,
};
export type SlurmTimes = typeof slurmTimes;

/** States in which a job holds nodes or may still get them. */
const liveStates = [
  'PENDING',
  'CONFIGURING',
  'RUNNING',
  'SUSPENDED',
  'STOPPED',
  'SIGNALING',
  'RESIZING',
  'STAGE_OUT',
];

/** A job, as the controller reports it. */
export interface SlurmJob {
  /** Slurm's state, such as RUNNING or NODE_FAIL; GONE if Slurm no longer knows the job. */
  readonly state: string;
  readonly reason: string;
}

export function isLive({ state }: SlurmJob): boolean {
  return liveStates.includes(state);
}

/** Whether a pending job can never start, because it exceeds a limit of the partition or the user. */
export function neverStarts({ state, reason }: SlurmJob): boolean {
  return (
    state === 'PENDING' &&
    /^(Partition(TimeLimit|NodeLimit)|BadConstraints|AccountNotAllowed|QOSNotAllowed|InvalidAccount|InvalidQOS|DependencyNeverSatisfied|(QOS|Assoc)\w*PerJob\w*)$/.test(
      reason,
    )
  );
}

/** Slurm's commands on a host. They query only jobs that we started, by number or by our name for them. */
export class Controller {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Undefined if the controller does not answer, which says nothing about the job. */
  async job(jobId: number): Promise<SlurmJob | undefined> {
    const { code, stdout, stderr } = await this.#run([
      'scontrol',
      '--oneliner',
      'show',
      'job',
      String(jobId),
    ]);
    if (code === 0) {
      return { state: field(stdout, 'JobState') ?? 'GONE', reason: field(stdout, 'Reason') ?? '' };
    }
    return /invalid job id/i.test(stderr) ? { state: 'GONE', reason: '' } : undefined;
  }

  /** The job once its state is final: while a job is completing, Slurm does not report why it ends. */
  async settledJob(jobId: number, timeoutMs: number): Promise<SlurmJob | undefined> {
    const start = performance.now();
    for (;;) {
      const job = await this.job(jobId);
      if (job?.state !== 'COMPLETING' || performance.now() - start > timeoutMs) return job;
      await delay(pollMs);
    }
  }

  /** The numbers of this user's jobs with a name, newest last. */
  async jobsNamed(name: string): Promise<number[]> {
    const listed = await this.#must(['squeue', '--me', '--noheader', `--name=${name}`, '--format=%i']);
    return listed
      .split('\n')
      .filter(Boolean)
      .map(Number)
      .toSorted((a, b) => a - b);
  }

  /** The names of an allocation's nodes. */
  async nodesOf(jobId: number): Promise<string[]> {
    const list = (await this.#must(['squeue', '--noheader', `--jobs=${jobId}`, '--format=%N'])).trim();
    return (await this.#must(['scontrol', 'show', 'hostnames', list])).split('\n').filter(Boolean);
  }

  /** The address of a node on the cluster's network. */
  async addressOf(node: string): Promise<string> {
    return field(await this.#must(['scontrol', '--oneliner', 'show', 'node', node]), 'NodeAddr') ?? node;
  }

  /** The ids, such as 12.0, of a job's live steps with a name. */
  async stepsNamed(jobId: number, name: string): Promise<string[]> {
    const listed = await this.#run(['squeue', '--steps', '--noheader', `--jobs=${jobId}`, '--format=%i|%j']);
    return listed.stdout
      .split('\n')
      .map((line) => line.split('|'))
      .flatMap(([id, stepName]) => (stepName === name && id !== undefined ? [id] : []));
  }

  async signalStep(stepId: string, signal: 'TERM' | 'KILL'): Promise<void> {
    await this.#run(['scancel', `--signal=${signal}`, stepId]);
  }

  /**
   * Cancels a job; returns when it no longer holds any resources, or when only an unresponsive node keeps it from
   * ending. Throws WorkError if the controller does not confirm that in time.
   */
  async cancel(jobId: number, timeoutMs: number): Promise<void> {
    const start = performance.now();
    for (;;) {
      const job = await this.job(jobId);
      if (job !== undefined && !isLive(job) && job.state !== 'COMPLETING') return;
      const elapsedMs = performance.now() - start;
      if (job?.state === 'COMPLETING' && elapsedMs > timeoutMs / 2) return;
      if (elapsedMs > timeoutMs) {
        throw new WorkError(
          `Slurm job ${jobId} was not confirmed to have ended within ${timeoutMs / 1000} s (${job?.state ?? 'the controller does not answer'})`,
          {
            code: 'engine-failed',
            hint: `it will be cancelled at the next start, or cancel it with: scancel ${jobId}`,
          },
        );
      }
      if (job === undefined || isLive(job)) await this.#run(['scancel', String(jobId)]);
      await delay(pollMs);
    }
  }

  async #run(argv: readonly string[]) {
    return await this.#host.run(argv, { timeoutMs: commandTimeoutMs });
  }

  async #must(argv: readonly string[]): Promise<string> {
    return await mustRun(this.#host, argv, { timeoutMs: commandTimeoutMs });
  }
}

/** The failure class for each final state of a job; other states say nothing about the engine. */
const reasonsByState: Readonly<Record<string, readonly [FailureClass, string]>> = {
  OUT_OF_MEMORY: ['out-of-memory', 'ran out of memory'],
  NODE_FAIL: ['node-lost', 'lost its node'],
  BOOT_FAIL: ['node-lost', 'lost its node, which did not boot'],
  LAUNCH_FAILED: ['node-broken', 'could not be launched on its node'],
  RECONFIG_FAIL: ['node-broken', 'lost its node, which could not be reconfigured'],
  PREEMPTED: ['preempted', 'was preempted'],
  PENDING: ['preempted', 'was requeued: the cluster took its nodes back'],
  REQUEUED: ['preempted', 'was requeued: the cluster took its nodes back'],
  REQUEUE_FED: ['preempted', 'was requeued to another cluster'],
  REQUEUE_HOLD: ['preempted', 'was requeued and is held'],
  SPECIAL_EXIT: ['preempted', 'was requeued and is held'],
  STOPPED: ['preempted', 'was stopped by the cluster'],
  REVOKED: ['preempted', 'was revoked: another cluster has it'],
  CANCELLED: ['preempted', 'was cancelled externally'],
  TIMEOUT: ['time-limit', 'reached its time limit'],
  DEADLINE: ['time-limit', 'reached its deadline'],
  COMPLETED: ['engine-died', 'ended: COMPLETED'],
  FAILED: ['engine-died', 'ended: FAILED'],
  GONE: ['engine-died', 'ended, and Slurm no longer knows it'],
};

/** States in which a job is fine, or in which Slurm does not report yet why it ends. */
const wellStates = [
  'RUNNING',
  'CONFIGURING',
  'SUSPENDED',
  'COMPLETING',
  'SIGNALING',
  'RESIZING',
  'STAGE_OUT',
];

/** Why an engine ended, according to the state of its job; undefined if the job is fine. */
export function reasonOfJob(jobId: number, { state, reason }: SlurmJob): ExitReason | undefined {
  if (wellStates.includes(state)) return undefined;
  const because = reason === '' || reason === 'None' ? '' : ` (${reason})`;
  const [failureClass, what] = reasonsByState[state] ?? ['engine-died', `ended: ${state}`];
  return { failureClass, message: `Slurm job ${jobId} ${what}${because}` };
}

/** The value of `name=value` in a line of scontrol; works only for values without spaces. */
function field(line: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}=(\\S*)`).exec(line)?.[1];
}
