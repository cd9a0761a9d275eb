import { setTimeout as delay } from 'node:timers/promises';
import { WorkError } from '../../errors.ts';
import type { FailureClass } from '../../failures/index.ts';
import { type Host, mustRun } from '../../hosts/index.ts';
import type { ExitReason } from '../launcher.ts';

const commandTimeoutMs = 60_000;
const pollMs = 300;

/** How long things may take; shorter in tests. */
export const slurmTimes = {
  /** Between two looks at the job while its engine runs. */
  watchMs: 5_000,
  /** How long an engine may take to end by itself after SIGTERM. */
  graceMs: 10_000,
  /** How long the cluster may take to end a job, whoever told it to. */
  cancelMs: 120_000,
};
export type SlurmTimes = typeof slurmTimes;

/** States in which a job holds nodes or may yet get them. */
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

/** A job as the controller sees it. */
export interface SlurmJob {
  /** Slurm's word, such as RUNNING or NODE_FAIL; GONE for one that it no longer knows. */
  readonly state: string;
  readonly reason: string;
}

export function isLive({ state }: SlurmJob): boolean {
  return liveStates.includes(state);
}

/** Whether a job waits for something that no waiting brings: it asks for more than the partition or the user may have. */
export function neverStarts({ state, reason }: SlurmJob): boolean {
  return (
    state === 'PENDING' &&
    /^(Partition(TimeLimit|NodeLimit)|BadConstraints|AccountNotAllowed|QOSNotAllowed|InvalidAccount|InvalidQOS|DependencyNeverSatisfied|(QOS|Assoc)\w*PerJob\w*)$/.test(
      reason,
    )
  );
}

/** Slurm's commands on a host. Every question is about jobs that we started, by number or by our own name for them. */
export class Controller {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Undefined when the controller does not answer, which says nothing about the job. */
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

  /** The same once it is settled: while a job is ending, why it ends is not told yet. */
  async settledJob(jobId: number, timeoutMs: number): Promise<SlurmJob | undefined> {
    const start = performance.now();
    for (;;) {
      const job = await this.job(jobId);
      if (job?.state !== 'COMPLETING' || performance.now() - start > timeoutMs) return job;
      await delay(pollMs);
    }
  }

  /** The numbers of this user's jobs of a name, the newest last. */
  async jobsNamed(name: string): Promise<number[]> {
    const listed = await this.#must(['squeue', '--me', '--noheader', `--name=${name}`, '--format=%i']);
    return listed
      .split('\n')
      .filter(Boolean)
      .map(Number)
      .toSorted((a, b) => a - b);
  }

  /** The nodes of an allocation, by name. */
  async nodesOf(jobId: number): Promise<string[]> {
    const list = (await this.#must(['squeue', '--noheader', `--jobs=${jobId}`, '--format=%N'])).trim();
    return (await this.#must(['scontrol', 'show', 'hostnames', list])).split('\n').filter(Boolean);
  }

  /** The address at which the cluster's network knows a node. */
  async addressOf(node: string): Promise<string> {
    return field(await this.#must(['scontrol', '--oneliner', 'show', 'node', node]), 'NodeAddr') ?? node;
  }

  /** The ids, such as 12.0, of a job's live steps of a name. */
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
   * Ends a job and returns when it holds nothing any more, or when only a node that does not answer keeps it from
   * ending. Throws WorkError when the controller does not confirm that in time.
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
          { hint: `it will be cancelled at the next start, or cancel it with: scancel ${jobId}` },
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

/** What a job's state means for the engine in it; a state that is not here says nothing. */
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

/** States in which a job is well, or in which it is not told yet why it ends. */
const wellStates = [
  'RUNNING',
  'CONFIGURING',
  'SUSPENDED',
  'COMPLETING',
  'SIGNALING',
  'RESIZING',
  'STAGE_OUT',
];

/** Why an engine ended, where the state of its job says; undefined where the job is well. */
export function reasonOfJob(jobId: number, { state, reason }: SlurmJob): ExitReason | undefined {
  if (wellStates.includes(state)) return undefined;
  const because = reason === '' || reason === 'None' ? '' : ` (${reason})`;
  const [failureClass, what] = reasonsByState[state] ?? ['engine-died', `ended: ${state}`];
  return { failureClass, message: `Slurm job ${jobId} ${what}${because}` };
}

/** The value of `name=value` in one line of scontrol; values with spaces are never asked for. */
function field(line: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}=(\\S*)`).exec(line)?.[1];
}
