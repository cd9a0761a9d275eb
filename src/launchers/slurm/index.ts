import { appendFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { vendorNamed } from '../../accelerators/index.ts';
import { WorkError } from '../../errors.ts';
import {
  type Host,
  mustRun,
  nodeBeyond,
  type ProcessExit,
  type Reached,
  type Started,
  thisMachine,
} from '../../hosts/index.ts';
import { requireDiskSpace } from '../disk-space.ts';
import { engineEnvironment } from '../engine-environment.ts';
import { EngineFailure } from '../engine-failure.ts';
import { type EngineRecord, EngineRecords, newRecord } from '../engine-record.ts';
import { waitUntilIdle } from '../idle.ts';
import { inEngineTerms } from '../in-engine-terms.ts';
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
import { exitOf } from '../process-exit.ts';
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

  async reserve(request: ReserveRequest, context: LaunchContext): Promise<Reservation> {
    return await inEngineTerms(async () => await this.#reserve(request, context));
  }

  async #reserve(asked: ReserveRequest, context: LaunchContext): Promise<Reservation> {
    await this.#host.writeFiles(asked.workDir, []);
    const request = { ...asked, workDir: this.#host.folderFor(asked.workDir) };
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
      const { code, stderr } = await this.#host.run(allocationArgv(this.#settings, request, name), {
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
  readonly process: Started;
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

  get node(): Host {
    return this.#hostOf(this.nodes[0] ?? '', 'beside');
  }

  /** A node of the job, on which each command is a step of the given name. */
  #hostOf(node: string, name: string): Host {
    return nodeBeyond(this.#tools.host, stepArgv(this.#stepOn(node, name)));
  }

  #stepOn(node: string, name: string): Step {
    return { jobId: this.#job.jobId, name, nodes: [node], tasksPerNode: 1 };
  }

  async importImage({ signal, onProgress }: LaunchContext): Promise<void> {
    const { settings, host } = this.#tools;
    const file = squashFile(settings, this.#request.image);
    if (settings.container === 'none' || file === undefined) return;
    const step = this.#stepOn(this.nodes[0] ?? '', 'import');
    const node = nodeBeyond(host, stepArgv(step));
    if ((await node.run(['test', '-s', file])).code === 0) return;
    await requireDiskSpace(node, file, settings['disk-space-gb']);
    const timeoutS = settings['import-timeout-s'];
    onProgress({ what: `enroot to import ${this.#request.image}`, timeoutS });
    await mustRun(host, importArgv(step, this.#request.image, file, timeoutS), {
      timeoutMs: timeoutS * 1000,
      signal,
    });
  }

  async start(request: LaunchRequest, context: LaunchContext): Promise<RunningEngine> {
    return await inEngineTerms(async () => await this.#start(request, context));
  }

  async #start(request: LaunchRequest, context: LaunchContext): Promise<RunningEngine> {
    const { controller, host, settings } = this.#tools;
    await this.#renew(context);
    await Promise.all(
      this.nodes.map(async (node) => {
        const timeoutS = settings['idle-timeout-s'];
        await waitUntilIdle(
          vendorNamed(settings.accelerator),
          this.#hostOf(node, 'preflight'),
          timeoutS,
          context,
        );
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
    const file = squashFile(this.#tools.settings, this.#request.image);
    if (file === undefined) return;
    await this.#hostOf(this.nodes[0] ?? '', 'cleanup').run(['rm', '-f', file], { timeoutMs: 60_000 });
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
    const process = await host.start(argv, { env, logPath });
    const exited = process.ended.then(({ code, signal }) => exitOf(code, signal));
    return { placed, name, logPath, process, exited };
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
      for (const { name, process } of steps) {
        const ids = await controller.stepsNamed(this.#job.jobId, name);
        for (const id of ids) await controller.signalStep(id, signal);
        // One that the cluster has not begun yet is only a waiting srun.
        if (ids.length === 0) process.kill('SIGTERM');
      }
      const done = await Promise.race([allExited.then(() => true), delay(times.graceMs, false)]);
      if (done) return;
    }
    for (const { process } of steps) process.kill('SIGKILL');
    await allExited;
  }
}

/** What Slurm's own words in a log say about why a step ended. */
function reasonInLog(tail: string): ExitReason | undefined {
  if (/oom[-_]kill event|Out Of Memory/i.test(tail))
    return { failureClass: 'out-of-memory', message: 'Slurm ended the engine for want of memory' };
  if (/srun: error: .*(node failure|Node fail|Communication connection failure)/i.test(tail))
    return { failureClass: 'node-lost', message: 'Slurm lost the node of the engine' };
  return undefined;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
