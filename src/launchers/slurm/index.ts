import type { ChildProcess } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkError } from '../../errors.ts';
import { memoryRanOut } from '../../failures/index.ts';
import { engineEnvironment } from '../engine-environment.ts';
import { EngineFailure } from '../engine-failure.ts';
import { type EngineRecord, EngineRecords, newRecord } from '../engine-record.ts';
import { type Host, mustRunOn, type Reached, runOn, startOn, thisMachine } from '../host.ts';
import type {
  EndedOrphan,
  EngineExit,
  ExitReason,
  LaunchContext,
  Launcher,
  LaunchRequest,
  Reservation,
  ReserveRequest,
  RunningEngine,
} from '../launcher.ts';
import type { SlurmSettings } from '../pool-settings.ts';
import { refuseAnsweringPort } from '../port.ts';
import { requireDiskSpace } from '../preflight/disk.ts';
import { waitUntilIdle } from '../preflight/idle.ts';
import { queryOn } from '../preflight/query.ts';
import { exitOf, type ProcessExit } from '../process-exit.ts';
import { logTail } from '../readiness.ts';
import { allocationArgv, engineArgv, importArgv, type Step, squashFile, stepArgv } from './argv.ts';
import { Controller, isLive, neverStarts, reasonOfJob } from './controller.ts';
import { type PlacedStep, placeSteps } from './place-steps.ts';

type SlurmRecord = Extract<EngineRecord, { launcher: 'slurm' }>;

/** How long things may take; shorter in tests. */
const defaultTimes = {
  /** Between two looks at the job while its engine runs. */
  watchMs: 5_000,
  /** An engine may take so long to end by itself after SIGTERM. */
  graceMs: 10_000,
  /** The cluster may take so long to end what it was told to end. */
  cancelMs: 120_000,
};

/** Starts engines as steps of Slurm jobs, one job for each session. */
export class SlurmLauncher implements Launcher {
  readonly runs: Launcher['runs'];
  readonly #settings: SlurmSettings;
  readonly #records: EngineRecords;
  readonly #host: Host;
  readonly #controller: Controller;
  readonly #times: typeof defaultTimes;

  constructor(
    settings: SlurmSettings,
    recordFolder: string,
    options: { readonly host?: Host; readonly times?: Partial<typeof defaultTimes> } = {},
  ) {
    this.runs = settings.container === 'none' ? 'provisioned engines' : 'containers';
    this.#settings = settings;
    this.#records = new EngineRecords(recordFolder);
    this.#host = options.host ?? thisMachine;
    this.#controller = new Controller(this.#host);
    this.#times = { ...defaultTimes, ...options.times };
  }

  async endOrphans(): Promise<EndedOrphan[]> {
    const ended: EndedOrphan[] = [];
    for (const record of await this.#records.orphans('slurm', this.#host.destination)) {
      const live = await this.#cancelJobs(record);
      if (live) ended.push({ sessionId: record.sessionId, port: record.port });
      await this.#records.remove(record.token);
    }
    return ended;
  }

  async reserve(asked: ReserveRequest, context: LaunchContext): Promise<Reservation> {
    await this.#host.writeFiles(asked.workDir, []);
    const request = { ...asked, workDir: this.#host.place(asked.workDir) };
    const record: SlurmRecord = {
      launcher: 'slurm',
      ...(await newRecord(request.sessionId, this.#settings.port, this.#host.destination)),
    };
    await this.#records.write(record);
    let current = record;
    const release = async (): Promise<void> => {
      await this.#cancelJobs(current);
      await this.#records.remove(record.token);
    };
    try {
      const take = async (taking: LaunchContext): Promise<Job> => {
        const jobId = await this.#allocate(request, record, taking);
        current = { ...record, jobId };
        await this.#records.write(current);
        return { jobId, nodes: await this.#controller.nodesOf(jobId) };
      };
      const allocation = new Allocation(request, asked.workDir, record.token, await take(context), {
        settings: this.#settings,
        records: this.#records,
        host: this.#host,
        controller: this.#controller,
        times: this.#times,
        take,
        release,
      });
      await allocation.importImage(context);
      return allocation;
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #allocate(
    request: ReserveRequest,
    record: SlurmRecord,
    { signal, onProgress }: LaunchContext,
  ): Promise<number> {
    const timeoutS = this.#settings['queue-timeout-s'];
    onProgress({ what: `Slurm to allocate ${request.nodeCount} node(s)`, timeoutS });
    const name = jobName(record);
    const hopeless = new AbortController();
    const watch = new AbortController();
    const watching = this.#watchQueue(name, { signal: watch.signal, hopeless, timeoutS, onProgress });
    try {
      const { code, stderr } = await runOn(this.#host, allocationArgv(this.#settings, request, name), {
        timeoutMs: timeoutS * 1000,
        signal: AbortSignal.any([signal, hopeless.signal]),
      });
      const [, jobId] = /Granted job allocation (\d+)/.exec(stderr) ?? [];
      if (code === 0 && jobId !== undefined) return Number(jobId);
      throw new EngineFailure('cannot-start', `Slurm gives no allocation: ${lastLine(stderr)}`, stderr);
    } finally {
      watch.abort();
      await watching;
    }
  }

  /** Passes on what the queue says about a job that waits, whenever it changes; aborts where it would wait for ever. */
  async #watchQueue(
    name: string,
    {
      signal,
      hopeless,
      timeoutS,
      onProgress,
    }: LaunchContext & { readonly hopeless: AbortController; readonly timeoutS: number },
  ): Promise<void> {
    let said = '';
    while (!signal.aborted) {
      await delay(this.#times.watchMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const jobId = (await this.#controller.jobsNamed(name).catch(() => [])).at(-1);
      const job = jobId === undefined ? undefined : await this.#controller.job(jobId).catch(() => undefined);
      if (jobId === undefined || job?.state !== 'PENDING' || job.reason === said) continue;
      said = job.reason;
      if (neverStarts(job)) {
        const message = `Slurm job ${jobId} would never start: ${job.reason}`;
        hopeless.abort(new EngineFailure('cannot-start', message));
      } else onProgress({ what: `Slurm job ${jobId} to be allocated (${job.reason})`, timeoutS });
    }
  }

  /** Ends the jobs of a record; whether there were any. */
  async #cancelJobs(record: SlurmRecord): Promise<boolean> {
    const known = record.jobId === undefined ? [] : [record.jobId];
    const named = this.#controller.jobsNamed(jobName(record));
    // Of a job whose number is known, `cancel` waits for a controller that does not answer at once.
    const jobIds = new Set([...known, ...(await (known.length > 0 ? named.catch(() => []) : named))]);
    let live = false;
    for (const jobId of jobIds) {
      const job = await this.#controller.job(jobId);
      live ||= job === undefined || isLive(job);
      await this.#controller.cancel(jobId, this.#times.cancelMs);
    }
    return live;
  }
}

/** Our jobs are told from all others by a name that nothing else has. */
function jobName({ token }: { readonly token: string }): string {
  return `inferencemax-${token}`;
}

/** A job and its nodes, by name. */
interface Job {
  readonly jobId: number;
  readonly nodes: readonly string[];
}

interface AllocationTools {
  readonly settings: SlurmSettings;
  readonly records: EngineRecords;
  readonly host: Host;
  readonly controller: Controller;
  readonly times: typeof defaultTimes;
  /** Asks the cluster for a job of the session. */
  readonly take: (context: LaunchContext) => Promise<Job>;
  /** Ends every job of the session and forgets it. */
  readonly release: () => Promise<void>;
}

/** A running process that stands for a step on the cluster. */
interface RunningStep {
  readonly placed: PlacedStep;
  readonly name: string;
  readonly logPath: string;
  readonly child: ChildProcess;
  readonly exited: Promise<ProcessExit>;
}

/** A job's nodes, held from a session's first engine start to its last. */
class Allocation implements Reservation {
  readonly #request: ReserveRequest;
  /** The session's folder as this machine knows it. */
  readonly #folder: string;
  readonly #token: string;
  readonly #tools: AllocationTools;
  #job: Job;
  #starts = 0;
  #releasing: Promise<void> | undefined;

  constructor(request: ReserveRequest, folder: string, token: string, job: Job, tools: AllocationTools) {
    this.#request = request;
    this.#folder = folder;
    this.#token = token;
    this.#job = job;
    this.#tools = tools;
  }

  get nodes(): readonly string[] {
    return this.#job.nodes;
  }

  beside(argv: readonly string[]): readonly string[] {
    const step = this.#stepOn(this.nodes[0] ?? '', 'beside');
    return this.#tools.host.command([...stepArgv(step), ...argv], {}).argv;
  }

  #stepOn(node: string, name: string): Step {
    return { jobId: this.#job.jobId, name, nodes: [node], tasksPerNode: 1 };
  }

  async importImage({ signal, onProgress }: LaunchContext): Promise<void> {
    const { settings, host } = this.#tools;
    const file = squashFile(settings, this.#request.image);
    if (settings.container === 'none' || file === undefined) return;
    const step = this.#stepOn(this.nodes[0] ?? '', 'import');
    const query = queryOn(host, stepArgv(step));
    if ((await query(['test', '-s', file])).code === 0) return;
    await requireDiskSpace(query, file, settings['disk-space-gb']);
    const timeoutS = settings['import-timeout-s'];
    onProgress({ what: `enroot to import ${this.#request.image}`, timeoutS });
    await mustRunOn(host, importArgv(step, this.#request.image, file, timeoutS), {
      timeoutMs: timeoutS * 1000,
      signal,
    });
  }

  async start(request: LaunchRequest, context: LaunchContext): Promise<RunningEngine> {
    const { controller, host, settings } = this.#tools;
    await this.#renew(context);
    await Promise.all(
      this.nodes.map(async (node) => {
        const query = queryOn(host, stepArgv(this.#stepOn(node, 'preflight')));
        const timeoutS = settings['idle-timeout-s'];
        await waitUntilIdle(settings.accelerator, query, timeoutS, context, request.accelerators);
      }),
    );
    await host.writeFiles(this.#folder, request.files ?? []);
    const [head] = this.nodes;
    if (head === undefined) throw new WorkError(`Slurm job ${this.#job.jobId} has no nodes`);
    this.#starts += 1;
    const reached = await host.reach(await controller.addressOf(head), request.port, context);
    const steps: RunningStep[] = [];
    try {
      await refuseAnsweringPort(reached.baseUrl, request, this.#tools.records);
      for (const placed of placeSteps(request, this.nodes))
        steps.push(await this.#startStep(placed, request));
    } catch (error) {
      await this.#stopSteps(steps);
      await reached.close();
      throw error;
    }
    return this.#engine(request, steps, reached);
  }

  /** Takes another job where this one has ended: it was cancelled, had to make way, or lost its node. */
  async #renew(context: LaunchContext): Promise<void> {
    const job = await this.#tools.controller.job(this.#job.jobId);
    if (job === undefined || isLive(job)) return;
    this.#job = await this.#tools.take(context);
    await this.importImage(context);
  }

  async release(): Promise<void> {
    const { settings, release } = this.#tools;
    this.#releasing ??= (async () => {
      if (settings.cleanup === 'remove-image') await this.#removeImage();
      await release();
    })();
    await this.#releasing;
  }

  async #removeImage(): Promise<void> {
    const { settings, host } = this.#tools;
    const file = squashFile(settings, this.#request.image);
    if (file === undefined) return;
    const step = this.#stepOn(this.nodes[0] ?? '', 'cleanup');
    await runOn(host, [...stepArgv(step), 'rm', '-f', file], { timeoutMs: 60_000 });
  }

  async #startStep(placed: PlacedStep, request: LaunchRequest): Promise<RunningStep> {
    const { settings, host } = this.#tools;
    const { jobId } = this.#job;
    const name = `engine-${this.#starts}-${placed.name}`;
    const { nodes, tasksPerNode, mpi } = placed;
    const step = { jobId, name, nodes, tasksPerNode, mpi };
    await host.writeFiles(this.#folder, placed.files);
    const argv = engineArgv(settings, step, this.#request, placed.argv);
    const env = {
      ...engineEnvironment(settings, request, this.#token),
      ...placed.env,
    };
    const logPath =
      request.steps === undefined
        ? request.logPath
        : request.logPath.replace(/(\.log)?$/, `.${placed.name}.log`);
    const { child, ended } = await startOn(host, argv, env, logPath);
    const exited = ended.then(({ code, signal }) => exitOf(code, signal));
    return { placed, name, logPath, child, exited };
  }

  #engine(request: LaunchRequest, steps: readonly RunningStep[], reached: Reached): RunningEngine {
    const watch = new AbortController();
    const exited = Promise.race([
      ...steps.map(async (step) => await this.#stepExit(step, await step.exited, request)),
      this.#jobExit(watch.signal),
    ]);
    void exited.then(() => watch.abort());
    let stopping: Promise<void> | undefined;
    return {
      baseUrl: reached.baseUrl,
      logPath: request.logPath,
      exited,
      stop: () => {
        stopping ??= (async () => {
          await this.#stopSteps(steps);
          watch.abort();
          await reached.close();
        })();
        return stopping;
      },
    };
  }

  /** What the end of a step means, which may be the end of its node or of the whole job. */
  async #stepExit(step: RunningStep, exit: ProcessExit, request: LaunchRequest): Promise<EngineExit> {
    const tail = await logTail(step.logPath);
    if (step.logPath !== request.logPath) {
      await appendFile(
        request.logPath,
        `${step.placed.name} ended, see ${step.logPath}; its last lines:\n${tail}\n`,
      );
    }
    const job = await this.#tools.controller.settledJob(this.#job.jobId, this.#tools.times.graceMs);
    const reason =
      (job === undefined ? undefined : reasonOfJob(this.#job.jobId, job)) ??
      reasonInLog(tail) ??
      (request.steps === undefined
        ? undefined
        : {
            failureClass: 'engine-died' as const,
            message: `${step.placed.name} of the engine ended with ${exit.signal ?? `exit code ${exit.code}`}`,
          });
    return { ...exit, ...(reason === undefined ? {} : { reason }) };
  }

  /** Resolves when the job is no longer well; a controller that does not answer says nothing about that. */
  async #jobExit(signal: AbortSignal): Promise<EngineExit> {
    const { controller, times } = this.#tools;
    for (;;) {
      await delay(times.watchMs, undefined, { signal }).catch(() => undefined);
      // Once the steps have ended nobody reads this any more.
      if (signal.aborted) return await new Promise<never>(() => {});
      const job = await controller.job(this.#job.jobId).catch(() => undefined);
      const reason = job === undefined ? undefined : reasonOfJob(this.#job.jobId, job);
      if (reason !== undefined) return { code: null, signal: null, reason };
    }
  }

  /** Asks the steps to end, then makes them; a node that does not answer cannot keep this from returning. */
  async #stopSteps(steps: readonly RunningStep[]): Promise<void> {
    const { controller, times } = this.#tools;
    const allExited = Promise.all(steps.map(({ exited }) => exited));
    for (const signal of ['TERM', 'KILL'] as const) {
      for (const { name, child } of steps) {
        const ids = await controller.stepsNamed(this.#job.jobId, name);
        for (const id of ids) await controller.signalStep(id, signal);
        // One that the cluster has not begun yet is only a waiting srun.
        if (ids.length === 0) child.kill('SIGTERM');
      }
      const done = await Promise.race([allExited.then(() => true), delay(times.graceMs, false)]);
      if (done) return;
    }
    for (const { child } of steps) child.kill('SIGKILL');
    await allExited;
  }
}

/** What the last lines of a log say about why a step ended, in Slurm's words or the engine's. */
function reasonInLog(tail: string): ExitReason | undefined {
  const memory = memoryRanOut({ log: tail });
  if (memory !== undefined) return { failureClass: 'out-of-memory', message: memory };
  if (/srun: error: .*(node failure|Node fail|Communication connection failure)/i.test(tail))
    return { failureClass: 'node-lost', message: 'Slurm lost the node of the engine' };
  return undefined;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
