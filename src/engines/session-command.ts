import { join } from 'node:path';
import { defined } from '../defined/defined.ts';
import { type Fault, InputError } from '../errors.ts';
import type { TextFile } from '../hosts/index.ts';
import type { EngineSession, WorkerSpec } from '../plan/index.ts';
import { settingsOfSession } from './acceptance-of-session.ts';
import type { Engine, EngineStep } from './engine.ts';

/** What the command of a session's engine needs to know about the place where it starts. */
export interface EngineSite {
  /** Where the engine was provisioned; absent if it is in a container image or preinstalled. */
  readonly engineDir?: string | undefined;
  /** The program that starts a preinstalled engine. */
  readonly program?: string | undefined;
  /** A path or a hub name, as the engine sees it. */
  readonly modelPath: string;
  /** The address that the engine listens on. */
  readonly host: string;
  readonly port: number;
  /** Variables that the launcher adds to every engine's environment, except secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder for traces of its profiler, relative to its working folder; absent if it is not profiled. */
  readonly profileFolder?: string | undefined;
}

/** A step of a multi-node engine with its complete environment. */
export type CommandStep = Omit<EngineStep, 'worker'>;

/** What a session starts: one process, or the steps of a disaggregated engine. */
export type SessionCommand =
  | {
      readonly kind: 'process';
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly files: readonly TextFile[];
    }
  | {
      readonly kind: 'steps';
      /** Files of the server and its workers; a step may have more. */
      readonly files: readonly TextFile[];
      readonly steps: readonly CommandStep[];
    };

/**
 * The command of a session's engine, both for `plan` and for a sweep. If a variable is set more than once, the most
 * specific one wins: the place's, then the engine's, the server's and the worker's. Throws InputError if the server
 * spans nodes but the engine does not support that.
 */
export function sessionCommand(engine: Engine, session: EngineSession, site: EngineSite): SessionCommand {
  const { server, model } = session;
  const { engineDir, program, modelPath, host, port, profileFolder } = site;
  const request = {
    ...defined({ engineDir, program }),
    modelPath,
    servedModelName: model,
    host,
    port,
  };
  const { disaggregated } = server;
  if (profileFolder !== undefined) {
    const fault = profilerFault(engine, session);
    if (fault !== undefined) throw new InputError([fault], undefined, { code: 'no-profiler' });
  }
  if (disaggregated === undefined) {
    const profiler =
      profileFolder === undefined ? undefined : engine.profiler?.settings(profileFolder, session.image);
    const dummy = session.dummyWeights === true ? dummyFlags(engine) : [];
    const settings = settingsOfSession(engine, session);
    const args = [...settings.args, ...dummy, ...(profiler?.args ?? [])];
    const { argv, env } = engine.command({ ...request, args });
    // The profiler's folder takes precedence, because its traces are looked for there.
    const all = { ...site.env, ...env, ...settings.env, ...profiler?.env };
    const files = profileFolder === undefined ? [] : [{ path: join(profileFolder, keepFile), content: '' }];
    return { kind: 'process', argv, env: all, files: [...settings.files, ...files] };
  }
  settingsOfSession(engine, session);
  if (session.dummyWeights === true)
    throw new InputError(
      `session ${session.id} spans nodes, but dummy weights work on one node only`,
      'remove load-format from the config',
      { code: 'not-measurable' },
    );
  if (engine.steps === undefined)
    throw new InputError(
      `session ${session.id} spans nodes, and ${engine.framework} serves from one`,
      'use a framework that spans nodes, such as dynamo-trt',
      { code: 'not-measurable' },
    );
  const steps = engine.steps({ ...request, server });
  refuseForgottenWorkers(engine, disaggregated.workers, steps);
  return {
    kind: 'steps',
    files: [...server.files, ...disaggregated.workers.flatMap((worker) => worker.files)],
    steps: steps.map(({ worker, ...step }) => ({
      ...step,
      env: { ...site.env, ...step.env, ...server.env, ...worker?.env },
    })),
  };
}

/** A hidden file, so that the folder for traces exists: not every version of an engine creates it. */
const keepFile = '.keep';

/** Why a session's engine cannot be profiled; undefined if it can. */
export function profilerFault(
  { framework, profiler }: Engine,
  { id, server }: EngineSession,
): Fault | undefined {
  const what = `session ${id} cannot be profiled`;
  if (profiler === undefined)
    return {
      message: `${what}: ${framework} has no profiler that a client can start and stop`,
      hint: 'run it without --profile (or PROFILE=1), or choose other sessions with --session',
    };
  if (server.disaggregated !== undefined)
    return {
      message: `${what}: its engine spans nodes, and only engines on one node are profiled`,
      hint: 'run it without --profile (or PROFILE=1), or choose other sessions with --session',
    };
  return undefined;
}

function dummyFlags({ framework, dummyWeights }: Engine): readonly string[] {
  if (dummyWeights !== undefined) return dummyWeights;
  throw new InputError(
    `${framework} does not support dummy weights`,
    'remove load-format from the config, or use a framework that supports it, such as vllm',
    { code: 'not-measurable' },
  );
}

/** Checks that every worker is named by a step; otherwise it would start without its environment variables. */
function refuseForgottenWorkers(
  { framework }: Engine,
  workers: readonly WorkerSpec[],
  steps: readonly EngineStep[],
): void {
  const forgotten = workers.find((spec) => steps.every(({ worker }) => worker !== spec));
  if (forgotten !== undefined)
    throw new Error(`no step of ${framework} names the ${forgotten.role} worker that it is a part of`);
}
