import { defined } from '../defined/defined.ts';
import { InputError } from '../errors.ts';
import type { TextFile } from '../hosts/index.ts';
import type { EngineSession, WorkerSpec } from '../plan/index.ts';
import type { Engine, EngineStep } from './engine.ts';

/** Where the engine of a session is started, as far as its command depends on it. */
export interface EngineSite {
  /** Where the engine was provisioned; absent where it comes in a container image or is installed there. */
  readonly engineDir?: string | undefined;
  /** The program that starts it, of an engine that was installed by somebody else. */
  readonly program?: string | undefined;
  /** A path or a model hub's name, as the engine will see it. */
  readonly modelPath: string;
  /** The address the engine is told to listen on. */
  readonly host: string;
  readonly port: number;
  /** What the place adds to the environment of every engine, apart from secrets. */
  readonly env: Readonly<Record<string, string>>;
}

/** A step of an engine of several nodes, with its whole environment. */
export type CommandStep = Omit<EngineStep, 'worker'>;

/** What is started for a session: one process, or the steps of a disaggregated engine. */
export type SessionCommand =
  | {
      readonly kind: 'process';
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly files: readonly TextFile[];
    }
  | {
      readonly kind: 'steps';
      /** Of the server and its workers; a step may have more. */
      readonly files: readonly TextFile[];
      readonly steps: readonly CommandStep[];
    };

/**
 * The command of a session's engine: the one that `plan` prints and the one that a sweep executes. Where a variable is
 * set more than once, the more particular wins: the place's, then the engine's own, the server's and the worker's.
 * Throws InputError if the server spans nodes and the engine does not.
 */
export function sessionCommand(engine: Engine, session: EngineSession, site: EngineSite): SessionCommand {
  const { server, model } = session;
  const { engineDir, program, modelPath, host, port } = site;
  const request = {
    ...defined({ engineDir, program }),
    modelPath,
    servedModelName: model,
    host,
    port,
  };
  const { disaggregated } = server;
  if (disaggregated === undefined) {
    const args = session.dummyWeights === true ? [...server.args, ...dummyFlags(engine)] : server.args;
    const { argv, env } = engine.command({ ...request, args });
    return { kind: 'process', argv, env: { ...site.env, ...env, ...server.env }, files: server.files };
  }
  if (session.dummyWeights === true)
    throw new InputError(
      `session ${session.id} spans nodes, but dummy weights work on one node only`,
      'remove load-format from the config',
    );
  if (engine.steps === undefined)
    throw new InputError(
      `session ${session.id} spans nodes, and ${engine.framework} serves from one`,
      'use a framework that spans nodes, such as dynamo-trt',
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

function dummyFlags({ framework, dummyWeights }: Engine): readonly string[] {
  if (dummyWeights !== undefined) return dummyWeights;
  throw new InputError(
    `${framework} does not support dummy weights`,
    'remove load-format from the config, or use a framework that supports it, such as vllm',
  );
}

/** A step that does not say which worker it is would be started without that worker's environment. */
function refuseForgottenWorkers(
  { framework }: Engine,
  workers: readonly WorkerSpec[],
  steps: readonly EngineStep[],
): void {
  const forgotten = workers.find((spec) => steps.every(({ worker }) => worker !== spec));
  if (forgotten !== undefined)
    throw new Error(`no step of ${framework} names the ${forgotten.role} worker that it is a part of`);
}
