import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { type AggregateRow, summaryMarkdown } from '../results/index.ts';
import { openStore } from '../store/index.ts';
import { SweepDirectory, type UnplannedSweep } from '../sweep/index.ts';
import type { UseCaseHost } from './host.ts';
import type { StateFolder } from './state-folder.ts';
import { storeName, withStore } from './store.ts';
import { reportOf } from './sweep-report.ts';
import { newSweepId } from './sweeps.ts';

/** A sweep without a plan, and its directory. */
export interface KeptResults {
  readonly directory: SweepDirectory;
  readonly sweep: UnplannedSweep;
}

/** A new sweep, named after the command that measures. Nothing is written yet. */
export function resultsOf(state: StateFolder, command: string): KeptResults {
  const now = new Date();
  const sweepId = newSweepId(command, now);
  const directory = new SweepDirectory(join(state.runs, sweepId));
  return { directory, sweep: { sweepId, createdAt: now.toISOString(), command } };
}

/** Records a sweep without a plan and keeps its rows as `keepMeasured` does. Returns how many were new. */
export async function keepResults(
  { directory, sweep }: KeptResults,
  rows: readonly AggregateRow[],
  location: string,
  note: UseCaseHost['note'],
): Promise<number> {
  await directory.write(sweep);
  return await keepMeasured(directory, rows, location, note);
}

/**
 * Writes the summary and the report, and adds the results, each row with its raw result, to a store. Returns
 * how many were new.
 */
export async function keepMeasured(
  directory: SweepDirectory,
  rows: readonly AggregateRow[],
  location: string,
  note: UseCaseHost['note'],
): Promise<number> {
  await writeFileAtomically(directory.summary, summaryMarkdown(rows));
  const stored = await withStore(await openStore(location), async (store) => {
    const { added, quarantined } = await store.ingestRun(directory.path);
    note(`${added} new ${added === 1 ? 'point' : 'points'} in ${storeName(location)}`);
    for (const { file, reason } of quarantined) note(`not added to the store: ${file}: ${reason}`);
    return added;
  });
  await reportOf(directory, note);
  return stored;
}
