import { writeFileAtomically } from '../atomic-file.ts';
import { interruptedExitCode, withInterrupt } from '../cli/interrupt.ts';
import { printable } from '../cli/printable.ts';
import { type Reporter, reporterFor } from '../cli/progress/index.ts';
import type { RunnerPools } from '../config/index.ts';
import { engineFor } from '../engines/index.ts';
import { InputError, WorkError } from '../errors.ts';
import type { FailureRules } from '../failures/index.ts';
import { runLoadTest } from '../load/index.ts';
import { tryLock } from '../process/lock.ts';
import { readRows, summaryMarkdown } from '../results/index.ts';
import { writeReport } from '../server/index.ts';
import { openStore } from '../store/index.ts';
import {
  type AccuracyCheckOptions,
  accuracyCheck,
  type RunDirectory,
  runSweep,
  type Sweep,
  type SweepOutcome,
  telemetryWatch,
} from '../sweep/index.ts';
import { sessionEstimates } from './estimates.ts';
import { knowledgeOf } from './knowledge.ts';
import { nodeLocks } from './node-locks.ts';
import { nodesOfPlan } from './nodes.ts';
import { clientProvenance } from './provenance.ts';
import { provision } from './provision.ts';
import type { StateFolder } from './state-folder.ts';
import { storeName } from './store.ts';

/** How a command performs a sweep. */
export interface PerformOptions {
  readonly state: StateFolder;
  /** Where the store is. */
  readonly store: string;
  readonly cacheDir: string;
  readonly pools: RunnerPools;
  /** Overrides the pool's port. */
  readonly port?: number;
  readonly rules: FailureRules;
  /** After so long nothing more is started, seconds. */
  readonly timeBudgetS?: number;
  /** Whether power and the engines' own figures are sampled. */
  readonly telemetry: boolean;
  /** What engines are asked once their points are measured; absent where they are asked nothing. */
  readonly evals?: AccuracyCheckOptions;
  /** Events as JSON lines on stderr, the outcome as JSON on stdout. */
  readonly json: boolean;
}

/**
 * Runs (or goes on with) a sweep, takes what is finished into the store, and prints the summary and where the report
 * is. Returns the exit code: 0 when every point was measured, skipped or left out for want of time, 1 when some failed
 * or an engine answers wrong, 130 when interrupted.
 */
export async function performSweep(
  directory: RunDirectory,
  sweep: Sweep,
  options: PerformOptions,
): Promise<number> {
  const release = await tryLock(directory.lock);
  if (typeof release !== 'function') {
    throw new InputError(
      `sweep ${sweep.sweepId} is being run by process ${release.pid}`,
      'wait for it, or stop it first',
    );
  }
  const reporter = reporterFor(sweep, {
    json: options.json,
    output: process.stderr,
    now: () => new Date(),
    environment: process.env,
  });
  try {
    reporter.note(`sweep ${sweep.sweepId} in ${directory.path}`);
    let wrong = 0;
    const outcome = await sweepWith(directory, sweep, options, {
      ...reporter,
      event: (event) => {
        if (event.type === 'check-finished' && event.verdict === 'fail') wrong += 1;
        reporter.event(event);
      },
    });
    await keepAndShow(directory, sweep, outcome, options, reporter);
    if (wrong > 0) reporter.note(`${wrong} accuracy checks failed: ${directory.evals} has every answer`);
    if (outcome.interrupted) return interruptedExitCode;
    return outcome.failed > 0 || wrong > 0 ? 1 : 0;
  } finally {
    reporter.close();
    await release();
  }
}

async function sweepWith(
  directory: RunDirectory,
  sweep: Sweep,
  options: PerformOptions,
  reporter: Reporter,
): Promise<SweepOutcome> {
  if (sweep.plan.sessions.length === 0)
    throw new InputError('the sweep has no points', 'the filters or keys matched nothing');
  const { state, timeBudgetS } = options;
  const nodes = await nodesOfPlan(sweep.plan, options);
  const estimateS = await sessionEstimates(sweep.plan, options.store);
  return await withInterrupt(
    async (signal) =>
      await runSweep(directory, sweep, {
        nodes,
        lockNode: nodeLocks(state, sweep.sweepId),
        tools: {
          engineFor,
          provision: async (session, node, context) =>
            await provision(session, node, { ...context, cacheDir: options.cacheDir }),
          measure: runLoadTest,
          provenance: await clientProvenance(signal),
          hooks: {
            ...(options.telemetry ? { watch: telemetryWatch() } : {}),
            ...(options.evals === undefined
              ? {}
              : {
                  check: accuracyCheck({
                    ...options.evals,
                    onProgress: ({ id }, { task, done, total }) => {
                      if (done === 0)
                        reporter.note(`checking the answers of ${id}: ${task}, ${total} questions`);
                    },
                  }),
                }),
          },
        },
        rules: options.rules,
        estimateS,
        ...(timeBudgetS === undefined ? {} : { timeBudgetS }),
        now: () => new Date(),
        onEvent: (event) => reporter.event(event),
        signal,
      }),
    () => reporter.note('interrupted: stopping the engines; interrupt again to leave at once'),
  );
}

async function keepAndShow(
  directory: RunDirectory,
  sweep: Sweep,
  outcome: SweepOutcome,
  { store: location, json }: PerformOptions,
  reporter: Reporter,
): Promise<void> {
  const resume = `inferencemax run --resume ${sweep.sweepId}`;
  if (outcome.stopped !== undefined) {
    const hint = `nothing that was finished is lost; make room, then: ${resume}`;
    throw new WorkError(outcome.stopped.message, { hint });
  }
  if (outcome.finished === 0) {
    if (!outcome.interrupted && outcome.failed > 0)
      throw new WorkError('no point was measured', { hint: `the lines above say why; then: ${resume}` });
    const why = outcome.leftOut > 0 ? `${outcome.leftOut} points were left out for want of time` : undefined;
    reporter.note(`${why ?? 'nothing was finished yet'}; go on with: ${resume}`);
    if (json && !outcome.interrupted)
      process.stdout.write(
        `${JSON.stringify({ sweepId: sweep.sweepId, directory: directory.path, ...outcome, rows: [] })}\n`,
      );
    return;
  }
  const rows = await readRows([directory.rows]);
  const summary = summaryMarkdown(rows);
  await writeFileAtomically(directory.summary, summary);
  const store = await openStore(location);
  try {
    const { added, quarantined } = await store.ingestRun(directory.path);
    reporter.note(`${added} new points in ${storeName(location)}`);
    for (const { file, reason } of quarantined)
      reporter.note(printable(`left out of the store: ${file}: ${reason}`));
    await writeReport(directory.report, directory.path, {
      knowledgeOf,
      onBuild: () => reporter.note('building the dashboard, once'),
    });
  } finally {
    await store.close();
  }
  reporter.close();
  process.stdout.write(
    json
      ? `${JSON.stringify({ sweepId: sweep.sweepId, directory: directory.path, report: directory.report, ...outcome, rows })}\n`
      : `\n${summary}\n`,
  );
  reporter.note(`report: ${directory.report}`);
  if (outcome.interrupted || outcome.failed > 0) reporter.note(`go on with: ${resume}`);
}
