import type { RunnerPools } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { acceptanceOfSession, engineFor } from '../engines/index.ts';
import { InputError, WorkError } from '../errors.ts';
import type { FailureRules } from '../failures/index.ts';
import { runLoadTest } from '../load/index.ts';
import type { EngineSession } from '../plan/index.ts';
import { tryLock } from '../process/lock.ts';
import {
  type AccuracyCheckOptions,
  accuracyCheck,
  type KeptSweep,
  replayer,
  runSweep,
  type SweepEvent,
  type SweepNode,
  type SweepOutcome,
  telemetryWatch,
} from '../sweep/index.ts';
import { BrokenNodes } from './broken-nodes.ts';
import { sessionEstimates } from './estimates.ts';
import { type FinishedResult, finishedResults } from './finished-results.ts';
import type { UseCaseHost } from './host.ts';
import { keepMeasured } from './keep-results.ts';
import { knowing, userFailures } from './known-failures.ts';
import { nodeLocks } from './node-locks.ts';
import { nodesOfPlan } from './nodes.ts';
import { clientProvenance } from './provenance.ts';
import { provision } from './provision.ts';
import { examineModels } from './reach.ts';
import type { StateFolder } from './state-folder.ts';

/** How to perform a sweep. */
export interface PerformOptions {
  readonly state: StateFolder;
  /** Location of the store. */
  readonly store: string;
  readonly cacheDir: string;
  /** Whether to hash all weights byte by byte. */
  readonly hashWeights?: boolean;
  readonly pools: RunnerPools;
  /** Overrides the pool's port. */
  readonly port?: number;
  readonly rules: FailureRules;
  /** Time after which no more work is started, in seconds. */
  readonly timeBudgetS?: number;
  /** Whether to sample power and the engines' own metrics. */
  readonly telemetry: boolean;
  /** The accuracy check of engines after their points; absent to skip it. */
  readonly evals?: AccuracyCheckOptions;
}

/** Receives the events of a sweep while it runs. */
export interface SweepHost extends UseCaseHost {
  readonly event: (event: SweepEvent) => void;
}

/** The outcome of a sweep. */
export interface PerformedSweep {
  readonly outcome: SweepOutcome;
  /** Number of failed accuracy checks. */
  readonly wrongChecks: number;
  /** All finished results of the sweep. */
  readonly results: readonly FinishedResult[];
}

/** Every point of a sweep was tried, and none could be measured. */
export class NothingMeasured extends WorkError {
  override readonly name = 'NothingMeasured';
  readonly failed: number;

  constructor(failed: number, hint: string) {
    super('no point was measured', { hint, code: 'nothing-measured' });
    this.failed = failed;
  }
}

/**
 * Runs (or resumes) a sweep, then adds finished results to the store, the summary and the report. Throws
 * InputError if another process is running it or it has no points, and WorkError if nothing could be
 * measured.
 */
export async function performSweep(
  kept: KeptSweep,
  options: PerformOptions,
  host: SweepHost,
): Promise<PerformedSweep> {
  const { directory, sweep } = kept;
  const release = await tryLock(directory.lock);
  if (typeof release !== 'function') {
    throw new InputError(
      `sweep ${sweep.sweepId} is already run by process ${release.pid}`,
      'wait for it, or stop it first',
      { code: 'sweep-in-use' },
    );
  }
  try {
    host.note(`sweep ${sweep.sweepId} in ${directory.path}`);
    if (sweep.plan.sessions.some(({ dummyWeights }) => dummyWeights === true))
      host.note(
        'dummy weights (load-format: dummy): speed is real but answers are not, so accuracy is not checked',
      );
    if (sweep.plan.sessions.some((one) => acceptanceOfSession(engineFor(one.framework), one) !== undefined))
      host.note(
        'the acceptance of drafts is forced: speed is that of the forced length but answers are not real, so accuracy is not checked',
      );
    let wrongChecks = 0;
    const event = (one: SweepEvent): void => {
      if (one.type === 'check-finished' && one.verdict === 'fail') wrongChecks += 1;
      host.event(one);
    };
    const outcome = await measure(kept, options, { ...host, event });
    const results = await keepFinished(kept, outcome, options, host);
    return { outcome, wrongChecks, results };
  } finally {
    await release();
  }
}

async function measure(
  { directory, sweep }: KeptSweep,
  options: PerformOptions,
  host: SweepHost,
): Promise<SweepOutcome> {
  if (sweep.plan.sessions.length === 0)
    throw new InputError('the sweep has no points', 'the filters or keys match no points', {
      code: 'nothing-selected',
    });
  const { state, timeBudgetS, telemetry, evals, rules } = options;
  const nodes = await nodesOfPlan(sweep.plan, options);
  await noteUnfetchable(sweep.plan.sessions, nodes, host);
  const rows = await userFailures();
  const broken = new BrokenNodes(state);
  const brokenNodes = await broken.all();
  const estimateS = await sessionEstimates(sweep.plan, options.store);
  const checking: AccuracyCheckOptions = {
    ...evals,
    onProgress: ({ id }, { task, done, total }) => {
      if (done === 0) host.note(`checking the accuracy of ${id}: ${task}, ${total} questions`);
    },
  };
  return await host.interruptible(
    async (signal) =>
      await runSweep(directory, sweep, {
        nodes,
        lockNode: nodeLocks(state, sweep.sweepId),
        tools: {
          engineFor: (framework) => knowing(engineFor(framework), rows),
          provision: async (session, node, context) =>
            await provision(session, node, {
              ...context,
              cacheDir: options.cacheDir,
              ...defined({ hashWeights: options.hashWeights }),
            }),
          measure: runLoadTest,
          replay: replayer({
            cacheDir: options.cacheDir,
            onProgress: ({ reference, phase }) => host.note(`${reference}: ${phase}`),
          }),
          provenance: await clientProvenance(signal),
          hooks: {
            ...defined({
              watch: telemetry ? telemetryWatch() : undefined,
              check: evals === undefined ? undefined : accuracyCheck(checking),
            }),
          },
        },
        rules,
        brokenNodes,
        onBroken: async (node) => await broken.add(node),
        estimateS,
        ...defined({ timeBudgetS }),
        now: () => new Date(),
        onEvent: host.event,
        signal,
      }),
  );
}

/** Reports models that cannot be downloaded before any GPU is used. Nodes may still have them. */
async function noteUnfetchable(
  sessions: readonly EngineSession[],
  nodes: readonly SweepNode[],
  host: UseCaseHost,
): Promise<void> {
  const models = sessions.map(({ model }) => model);
  for (const { state, message, todo } of await examineModels(models, nodes[0]?.env.HF_HUB_CACHE))
    if (state === 'problem') host.note(`warning: ${message}${todo === undefined ? '' : ` (${todo})`}`);
}

/** Writes the summary and the report, and adds finished results to the store; returns them. */
async function keepFinished(
  { directory, sweep }: KeptSweep,
  { finished, failed, interrupted, stopped }: SweepOutcome,
  { store: location }: PerformOptions,
  host: UseCaseHost,
): Promise<FinishedResult[]> {
  const resume = resumeCommand(sweep.sweepId);
  if (stopped !== undefined) {
    const hint = `no finished point is lost; free some space, then run: ${resume}`;
    throw new WorkError(stopped.message, { hint });
  }
  if (finished === 0) {
    if (!interrupted && failed > 0)
      throw new NothingMeasured(failed, `see the lines above for the reason; then run: ${resume}`);
    return [];
  }
  const results = await finishedResults(directory);
  await keepMeasured(
    directory,
    results.map(({ row }) => row),
    location,
    host.note,
  );
  return results;
}

/** The command that resumes a sweep; `product` is how InferenceMAX is called here. */
export function resumeCommand(sweepId: string, product = 'inferencemax'): string {
  return `${product} run --resume ${sweepId}`;
}
