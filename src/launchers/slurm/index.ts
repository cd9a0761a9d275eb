import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { attempt, type Finding } from '../../finding.ts';
import { type Host, mustRun, nodeBeyond } from '../../hosts/index.ts';
import {
  type Held,
  type HostedRequest,
  type Images,
  type LaunchCommand,
  type LaunchSite,
  placeholders,
  type ShownEngine,
  type StartedEngine,
} from '../definition.ts';
import { EngineFailure } from '../engine-failure.ts';
import type { OpenRecord } from '../engine-record.ts';
import type { LaunchContext, LaunchedStep, LaunchRequest } from '../launcher.ts';
import { defineLauncher } from '../lifecycle.ts';
import { containerMounts, containerWorkDir, isMounted } from '../mounts.ts';
import { examineNode, examineSecrets } from '../node-checks.ts';
import { listenerOf } from '../port-holder.ts';
import {
  allocationArgv,
  askNode,
  checksumArgv,
  engineArgv,
  importArgv,
  squashFile,
  stepArgv,
  stepName,
} from './argv.ts';
import { Controller, isLive, neverStarts, type SlurmTimes, slurmTimes } from './controller.ts';
import { startSteps } from './engine.ts';
import { examineSlurm } from './examine.ts';
import { placeSteps } from './place-steps.ts';
import { type SlurmSettings, slurmSettings } from './settings.ts';

/**
 * The record of a job. The job is named after the token, so that it can be found even before its number was recorded.
 */
const recordFields = { jobId: z.int().optional() };
type Extra = typeof recordFields;

/** Runs engines as steps of Slurm jobs, one job per session. */
export function slurmLauncher(changed: Partial<SlurmTimes> = {}) {
  const times = { ...slurmTimes, ...changed };
  return defineLauncher({
    kind: 'slurm',
    settings: slurmSettings,
    record: recordFields,
    spansNodes: true,
    choosesNodes: true,
    runs: ({ settings, host }) => {
      if (settings.container !== 'none') return 'containers';
      return host.isThisMachine ? 'provisioned engines' : 'installed engines';
    },
    sees: (path, settings) =>
      settings.container === 'none' || isMounted(path, containerMounts(settings, '.'), settings['srun-args']),
    commands: shownCommands,
    reserve: async (request, site, context) => {
      const record = await site.openRecord(request.sessionId, site.settings.port);
      const allocation = new Allocation(request, record, site, times);
      try {
        await allocation.take(context);
        return allocation;
      } catch (error) {
        await allocation.release();
        throw error;
      }
    },
    endLeftover: async ({ token, jobId }, { host }) =>
      await cancelJobs(new Controller(host), jobName(token), jobId, times),
    addressOf: async (node, host) => await new Controller(host).addressOf(node),
    examine: async ({ settings, host }, file, node) => [
      ...(await examineSlurm(settings, host, file)),
      ...(node === undefined ? [] : await examineNamed(node, settings, host, file)),
      ...examineSecrets(settings),
    ],
  });
}

export const slurm = slurmLauncher();

/** Doctor checks for one node of the cluster. If no job can run there, that is the only finding. */
async function examineNamed(
  node: string,
  settings: SlurmSettings,
  host: Host,
  file: string,
): Promise<readonly Finding[]> {
  const there = nodeBeyond(host, askNode(settings, node));
  return await attempt('job', 'see sinfo -R and scontrol show node, and resume the node', async () => {
    const { code, stderr } = await there.run(['true'], { timeoutMs: askMs });
    if (code === 0) return await examineNode(settings, there, file);
    throw new Error(`no job is run on ${node}: ${stderr.trim().split('\n').at(-1)}`);
  });
}
/** Slurm takes a minute to report that a node is busy. */
const askMs = 90_000;

/** The command for the session's allocation, then one for each step of its engine. */
function shownCommands(
  engine: ShownEngine,
  { settings }: { readonly settings: SlurmSettings },
): LaunchCommand[] {
  const workDir = placeholders.folder;
  const nodes = Array.from({ length: engine.nodeCount }, (_, index) => placeholders.node(index));
  const steps = engine.steps ?? [oneStep(engine)];
  return [
    { argv: allocationArgv(settings, { ...engine, workDir }, jobName(placeholders.token)), env: {} },
    ...placeSteps(engine.sessionId, steps, nodes).map(({ argv, env, ...placed }) => {
      const step = { ...placed, jobId: placeholders.job, name: stepName(1, placed.name) };
      return {
        ...defined({ step: engine.steps && placed.name }),
        argv: engineArgv(settings, step, { image: engine.image, workDir }, argv),
        env: { ...engine.env, ...env },
      };
    }),
  ];
}

/** A single-process engine as the only step of its job. */
function oneStep({ argv, env }: Pick<LaunchRequest, 'argv' | 'env'>): LaunchedStep {
  return { name: 'engine', nodes: [0], tasksPerNode: 1, mpi: false, argv, env };
}

/** A unique job name, which distinguishes our jobs from all others. */
function jobName(token: string): string {
  return `inferencemax-${token}`;
}

/** Cancels jobs by name, or by number if it is known; returns whether there were any. */
async function cancelJobs(
  controller: Controller,
  name: string,
  known: number | undefined,
  { cancelMs }: SlurmTimes,
): Promise<boolean> {
  const named = controller.jobsNamed(name);
  // If the job's number is known, `cancel` itself waits for an unresponsive controller.
  const found = await (known === undefined ? named : named.catch(() => []));
  let live = false;
  for (const jobId of new Set([...(known === undefined ? [] : [known]), ...found])) {
    const job = await controller.job(jobId);
    live ||= job === undefined || isLive(job);
    await controller.cancel(jobId, cancelMs);
  }
  return live;
}

/** The nodes of a job, held from a session's first engine start to its last. */
class Allocation implements Held<Extra> {
  readonly record: OpenRecord<{ jobId?: number | undefined }>;
  readonly images?: Images;
  readonly #request: HostedRequest;
  readonly #settings: SlurmSettings;
  readonly #host: Host;
  readonly #controller: Controller;
  readonly #times: SlurmTimes;
  #job: { readonly jobId: number; readonly nodes: readonly string[] } | undefined;
  #starts = 0;

  constructor(
    request: HostedRequest,
    record: OpenRecord<{ jobId?: number | undefined }>,
    { settings, host }: Pick<LaunchSite<typeof slurmSettings, Extra>, 'settings' | 'host'>,
    times: SlurmTimes,
  ) {
    this.#request = request;
    this.record = record;
    this.#settings = settings;
    this.#host = host;
    this.#controller = new Controller(host);
    this.#times = times;
    const file = squashFile(settings, request.image);
    if (settings.container !== 'none' && file !== undefined) this.images = this.#imagesIn(file);
  }

  get nodes(): readonly string[] {
    return this.#job?.nodes ?? [];
  }

  get hosts(): readonly Host[] {
    return this.nodes.map((node) => nodeBeyond(this.#host, stepArgv(this.#stepOn(node, 'on-node'))));
  }

  async address(): Promise<string> {
    return await this.#controller.addressOf(this.#head);
  }

  /** Requests a job for the session. */
  async take(context: LaunchContext): Promise<void> {
    const jobId = await this.#allocate(context);
    // From here on the number is known, even if the next steps fail.
    this.#job = { jobId, nodes: [] };
    await this.record.update({ jobId });
    this.#job = { jobId, nodes: await this.#controller.nodesOf(jobId) };
  }

  /** Requests another job if this one has ended: it was cancelled or preempted, or lost its node. */
  async renew(context: LaunchContext): Promise<boolean> {
    const job = await this.#controller.job(this.#jobId);
    if (job === undefined || isLive(job)) return false;
    await this.take(context);
    return true;
  }

  async start(start: Parameters<Held<Extra>['start']>[0]) {
    return await this.startSteps([oneStep(start.request)], start);
  }

  async startSteps(
    steps: readonly LaunchedStep[],
    { request, env, record: { token } }: Parameters<Held<Extra>['start']>[0],
  ): Promise<StartedEngine> {
    this.#starts += 1;
    const started = await startSteps(placeSteps(request.sessionId, steps, this.nodes), {
      request,
      env,
      jobId: this.#jobId,
      session: this.#request,
      start: this.#starts,
      settings: this.#settings,
      host: this.#host,
      controller: this.#controller,
      times: this.#times,
    });
    const folders = [this.#request.folder, containerWorkDir];
    const [head] = this.hosts;
    if (head === undefined) return started;
    return { ...started, listener: async () => await listenerOf(request, { token, folders }, head) };
  }

  async release(): Promise<void> {
    await cancelJobs(this.#controller, jobName(this.record.token), this.#job?.jobId, this.#times);
    await this.record.remove();
  }

  get #jobId(): number {
    if (this.#job === undefined) throw new Error(`session ${this.#request.sessionId} has no job`);
    return this.#job.jobId;
  }

  get #head(): string {
    const [head] = this.nodes;
    if (head === undefined) throw new EngineFailure('cannot-start', `Slurm job ${this.#jobId} has no nodes`);
    return head;
  }

  #stepOn(node: string, name: string) {
    return { jobId: this.#jobId, name, nodes: [node], tasksPerNode: 1 };
  }

  #imagesIn(file: string): Images {
    const onHead = (name: string) => nodeBeyond(this.#host, stepArgv(this.#stepOn(this.#head, name)));
    const { image } = this.#request;
    const timeoutS = this.#settings['import-timeout-s'];
    return {
      get space() {
        return { host: onHead('import'), folder: file };
      },
      has: async () => (await onHead('import').run(['test', '-s', file])).code === 0,
      bring: async ({ signal, onProgress }) => {
        onProgress({ what: `enroot to import ${image}`, timeoutS });
        const step = this.#stepOn(this.#head, 'import');
        const argv = importArgv(step, image, file, timeoutS);
        await mustRun(this.#host, argv, { timeoutMs: timeoutS * 1000, signal });
      },
      identify: async ({ signal, onProgress }) => {
        onProgress({ what: `the checksum of ${file}`, timeoutS });
        const argv = checksumArgv(this.#stepOn(this.#head, 'import'), file);
        const { code, stdout } = await this.#host.run(argv, { timeoutMs: timeoutS * 1000, signal });
        const [sum] = /^[0-9a-f]{64}$/m.exec(stdout) ?? [];
        const [digest] = /(?<=@)sha256:[0-9a-f]{64}$/.exec(image) ?? [];
        return code === 0 && sum !== undefined ? { id: `sha256:${sum}`, ...defined({ digest }) } : undefined;
      },
      keep: this.#settings.cleanup === 'keep-image',
      remove: async () =>
        void (await onHead('cleanup').run(['rm', '-f', file, `${file}.sha256`], { timeoutMs: 60_000 })),
    };
  }

  async #allocate({ signal, onProgress }: LaunchContext): Promise<number> {
    const timeoutS = this.#settings['queue-timeout-s'];
    onProgress({ what: `Slurm to allocate ${this.#request.nodeCount} node(s)`, timeoutS });
    const name = jobName(this.record.token);
    const hopeless = new AbortController();
    const watch = new AbortController();
    const watching = this.#watchQueue(name, { signal: watch.signal, hopeless, timeoutS, onProgress });
    try {
      const request = { ...this.#request, workDir: this.#request.folder };
      const { code, stderr } = await this.#host.run(allocationArgv(this.#settings, request, name), {
        timeoutMs: timeoutS * 1000,
        signal: AbortSignal.any([signal, hopeless.signal]),
      });
      const [, jobId] = /Granted job allocation (\d+)/.exec(stderr) ?? [];
      if (code === 0 && jobId !== undefined) return Number(jobId);
      const said = stderr.trim().split('\n').at(-1) ?? '';
      throw new EngineFailure('cannot-start', `Slurm did not grant an allocation: ${said}`, stderr);
    } finally {
      watch.abort();
      await watching;
    }
  }

  /** Reports the queue's reason for a pending job whenever it changes; aborts if the job could never start. */
  async #watchQueue(
    name: string,
    {
      signal,
      hopeless,
      timeoutS,
      onProgress,
    }: LaunchContext & { readonly hopeless: AbortController; readonly timeoutS: number },
  ): Promise<void> {
    const controller = this.#controller;
    let said = '';
    while (!signal.aborted) {
      await delay(this.#times.watchMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const jobId = (await controller.jobsNamed(name).catch(() => [])).at(-1);
      const job = jobId === undefined ? undefined : await controller.job(jobId).catch(() => undefined);
      if (jobId === undefined || job?.state !== 'PENDING' || job.reason === said) continue;
      said = job.reason;
      if (neverStarts(job)) {
        const message = `Slurm job ${jobId} would never start: ${job.reason}`;
        hopeless.abort(new EngineFailure('not-permitted', message));
      } else onProgress({ what: `Slurm job ${jobId} to be allocated (${job.reason})`, timeoutS });
    }
  }
}
