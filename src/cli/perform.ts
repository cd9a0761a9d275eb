import { existsSync } from 'node:fs';
import {
  type PerformedSweep,
  type PerformOptions,
  performSweep,
  resumeCommand,
} from '../app/perform-sweep.ts';
import { printable } from '../printable.ts';
import type { KeptSweep } from '../sweep/index.ts';
import { interruptedExitCode, withInterrupt } from './interrupt.ts';
import { invocation } from './invocation.ts';
import { printResults } from './print-results.ts';
import { type Reporter, reporterFor } from './progress/index.ts';
import { keptTraces, tracesInWords } from './traces.ts';

export interface PrintingOptions extends PerformOptions {
  /** Events as JSON lines on stderr, the outcome as JSON on stdout. */
  readonly json: boolean;
}

/**
 * Runs a sweep with progress on stderr, and prints its results. Returns the exit code: 0 if every point was measured,
 * skipped or left out because time ran out; 1 if some failed or an engine gave wrong answers; 130 if interrupted.
 */
export async function performAndPrint(kept: KeptSweep, options: PrintingOptions): Promise<number> {
  const reporter = reporterFor(kept.sweep, {
    json: options.json,
    output: process.stderr,
    now: () => new Date(),
    environment: process.env,
  });
  try {
    const performed = await performSweep(kept, options, {
      event: (event) => reporter.event(event),
      note: (text) => reporter.note(printable(text)),
      interruptible: async (work) =>
        await withInterrupt(work, () =>
          reporter.stopping('interrupted: stopping the engines; press Ctrl-C again to exit now'),
        ),
    });
    print(kept, performed, { json: options.json, traces: await keptTraces(kept.directory) }, reporter);
    const { outcome, wrongChecks } = performed;
    if (wrongChecks > 0)
      reporter.note(`${wrongChecks} accuracy checks failed: ${kept.directory.evals} has every answer`);
    if (outcome.interrupted) return interruptedExitCode;
    return outcome.failed > 0 || wrongChecks > 0 ? 1 : 0;
  } finally {
    reporter.close();
  }
}

function print(
  { directory, sweep: { sweepId } }: KeptSweep,
  { outcome, results }: PerformedSweep,
  { json, traces }: { readonly json: boolean; readonly traces: readonly string[] },
  reporter: Reporter,
): void {
  const resume = resumeCommand(sweepId, invocation(process.env));
  const rows = results.map(({ row }) => row);
  if (outcome.finished === 0) {
    const why =
      outcome.leftOut > 0 ? `${outcome.leftOut} points were left out because time ran out` : undefined;
    reporter.note(`${why ?? 'nothing is finished yet'}; continue with: ${resume}`);
    if (json && !outcome.interrupted)
      process.stdout.write(`${JSON.stringify({ sweepId, directory: directory.path, ...outcome, rows })}\n`);
    return;
  }
  const profiles = traces.length === 0 ? undefined : traces;
  const howToOpen = tracesInWords(traces);
  if (howToOpen !== undefined) reporter.note(howToOpen);
  const isUnfinished = outcome.interrupted || outcome.failed > 0;
  const report = existsSync(directory.report) ? directory.report : undefined;
  if (report !== undefined) reporter.note(`report: ${report}`);
  if (isUnfinished) reporter.note(`continue with:  ${resume}`);
  reporter.close();
  if (json)
    process.stdout.write(
      `${JSON.stringify({ sweepId, directory: directory.path, report, ...outcome, profiles, rows })}\n`,
    );
  else printResults(results, isUnfinished ? resume : undefined);
}
