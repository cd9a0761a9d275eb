import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../../defined/defined.ts';
import { appendToLog, type Host, type ProcessExit, type Started } from '../../hosts/index.ts';
import type { HostedRequest, StartedEngine } from '../definition.ts';
import { logTail } from '../engine-log.ts';
import { exitOf } from '../host-process.ts';
import type { EngineExit, ExitReason, LaunchRequest } from '../launcher.ts';
import { engineArgv, stepName } from './argv.ts';
import { type Controller, reasonOfJob, type SlurmJob, type SlurmTimes } from './controller.ts';
import type { PlacedStep } from './place-steps.ts';
import type { SlurmSettings } from './settings.ts';

/** One start of an engine in a job. */
export interface JobEngine {
  readonly request: LaunchRequest;
  /** Variables for every step; a step's own variables override them. */
  readonly env: Readonly<Record<string, string>>;
  readonly jobId: number;
  readonly session: HostedRequest;
  /** The number of this start in the job, from 1. */
  readonly start: number;
  readonly settings: SlurmSettings;
  readonly host: Host;
  readonly controller: Controller;
  readonly times: SlurmTimes;
}

/** A running srun process that represents a step on the cluster. */
interface RunningStep {
  readonly placed: PlacedStep;
  readonly name: string;
  readonly logPath: string;
  readonly process: Started;
  readonly exited: Promise<ProcessExit>;
}

/**
 * Starts the steps of an engine one after the other. The engine has ended when one step has ended, or when its job
 * fails.
 */
export async function startSteps(placed: readonly PlacedStep[], engine: JobEngine): Promise<StartedEngine> {
  const steps: RunningStep[] = [];
  try {
    for (const step of placed) steps.push(await startStep(step, engine));
  } catch (error) {
    await stopSteps(steps, engine);
    throw error;
  }
  const watch = new AbortController();
  const exited = Promise.race([
    ...steps.map(async (step) => await stepExit(step, await step.exited, engine)),
    jobExit(engine, watch.signal),
  ]);
  void exited.then(() => watch.abort());
  const logs = steps.map(({ placed: { name }, logPath }) => ({ name, path: logPath }));
  return {
    exited,
    ...defined({ stepLogs: engine.request.steps === undefined ? undefined : logs }),
    end: async () => {
      await stopSteps(steps, engine);
      watch.abort();
    },
  };
}

async function startStep(placed: PlacedStep, engine: JobEngine): Promise<RunningStep> {
  const { request, session, settings, host, jobId } = engine;
  const name = stepName(engine.start, placed.name);
  const { nodes, tasksPerNode, mpi } = placed;
  await host.writeFiles(session.workDir, placed.files);
  const place = { image: session.image, workDir: session.folder };
  const argv = engineArgv(settings, { jobId, name, nodes, tasksPerNode, mpi }, place, placed.argv);
  const logPath =
    request.steps === undefined
      ? request.logPath
      : request.logPath.replace(/(\.log)?$/, `.${placed.name}.log`);
  const process = await host.start(argv, { env: { ...engine.env, ...placed.env }, logPath });
  return { placed, name, logPath, process, exited: process.ended.then(exitOf) };
}

/** Interprets the end of a step, which may be the end of its node or of the whole job. */
async function stepExit(
  step: RunningStep,
  exit: ProcessExit,
  { request, jobId, controller, times }: JobEngine,
): Promise<EngineExit> {
  const tail = await logTail(step.logPath);
  if (step.logPath !== request.logPath) {
    await appendToLog(
      request.logPath,
      `${step.placed.name} ended, see ${step.logPath}; its last lines:\n${tail}\n`,
    );
  }
  const job = await controller.settledJob(jobId, times.cancelMs);
  const reason =
    (job === undefined ? undefined : (reasonOfJob(jobId, job) ?? stillEnding(jobId, job))) ??
    (request.steps === undefined ? undefined : ofOneStep(step.placed.name, exit));
  return { ...exit, ...defined({ reason }), logPath: step.logPath, nodes: step.placed.nodes };
}

/** If a job is ending and we did not end it, that explains the engine's end, whatever the step's exit code. */
function stillEnding(jobId: number, { state }: SlurmJob): ExitReason | undefined {
  if (state !== 'COMPLETING') return undefined;
  return { failureClass: 'engine-died', message: `Slurm job ${jobId} is ending, and Slurm does not say why` };
}

function ofOneStep(name: string, { code, signal }: ProcessExit): ExitReason {
  const how = signal ?? `exit code ${code}`;
  return { failureClass: 'engine-died', message: `${name} of the engine ended with ${how}` };
}

/** Resolves when the job is no longer fine. If the controller does not answer, the job counts as fine. */
async function jobExit({ jobId, controller, times }: JobEngine, signal: AbortSignal): Promise<EngineExit> {
  for (;;) {
    await delay(times.watchMs, undefined, { signal }).catch(() => undefined);
    // After the steps have ended, this result is no longer used.
    if (signal.aborted) return await new Promise<never>(() => {});
    const job = await controller.job(jobId).catch(() => undefined);
    const reason = job === undefined ? undefined : reasonOfJob(jobId, job);
    if (reason !== undefined) return { code: null, signal: null, reason };
  }
}

/** Sends SIGTERM to the steps, then SIGKILL; an unresponsive node cannot keep this from returning. */
async function stopSteps(
  steps: readonly RunningStep[],
  { jobId, controller, times }: JobEngine,
): Promise<void> {
  const allExited = Promise.all(steps.map(({ exited }) => exited));
  for (const signal of ['TERM', 'KILL'] as const) {
    for (const { name, process } of steps) {
      const ids = await controller.stepsNamed(jobId, name);
      for (const id of ids) await controller.signalStep(id, signal);
      // The cluster has not started this step yet; there is only a waiting srun.
      if (ids.length === 0) process.kill('SIGTERM');
    }
    const done = await Promise.race([allExited.then(() => true), delay(times.graceMs, false)]);
    if (done) return;
  }
  for (const { process } of steps) process.kill('SIGKILL');
  await allExited;
}
