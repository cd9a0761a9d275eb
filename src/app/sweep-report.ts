import { messageOf } from '../errors.ts';
import { writeReport } from '../server/index.ts';
import type { SweepDirectory } from '../sweep/index.ts';
import type { UseCaseHost } from './host.ts';
import { knowledgeOf } from './knowledge.ts';

/**
 * Writes the report of a sweep whose points are stored already. If the dashboard is missing or cannot be
 * built, this is reported once and is not an error.
 */
export async function reportOf(
  { report, path }: Pick<SweepDirectory, 'report' | 'path'>,
  note: UseCaseHost['note'],
  write = writeReport,
): Promise<void> {
  try {
    await write(report, path, {
      knowledgeOf,
      onBuild: () => note('building the dashboard (first start only)'),
    });
  } catch (error) {
    const [reason = ''] = messageOf(error).split('\n');
    note(`warning: could not write the report: ${reason} (all points are kept in ${path} and in the store)`);
  }
}
