import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { type AggregateRow, summaryMarkdown } from '../results/index.ts';
import { openStore } from '../store/index.ts';
import { RunDirectory } from '../sweep/index.ts';
import type { UseCaseHost } from './host.ts';
import type { StateFolder } from './state-folder.ts';
import { storeName, withStore } from './store.ts';
import { newSweepId } from './sweeps.ts';

/** Results that were measured without a plan, in the files of a run directory that has no `sweep.json`. */
export interface UnplannedSweep {
  readonly sweepId: string;
  readonly directory: RunDirectory;
}

/** A new one, named after the command that measures. */
export function unplannedSweep(state: StateFolder, command: string): UnplannedSweep {
  const sweepId = newSweepId(command, new Date());
  return { sweepId, directory: new RunDirectory(join(state.runs, sweepId)) };
}

/** Writes the summary and takes the results, each row with its raw result, into a store; returns how many were new. */
export async function keepResults(
  { sweepId, directory }: UnplannedSweep,
  rows: readonly AggregateRow[],
  location: string,
  note: UseCaseHost['note'],
): Promise<number> {
  await writeFileAtomically(directory.summary, summaryMarkdown(rows));
  return await withStore(await openStore(location), async (store) => {
    const { added, quarantined } = await store.ingest(directory.path, { sweepId });
    note(`${added} new points in ${storeName(location)}`);
    for (const { file, reason } of quarantined) note(`left out of the store: ${file}: ${reason}`);
    return added;
  });
}
