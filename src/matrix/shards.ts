import { WorkError } from '../errors.ts';
import type { GeneratedEntry } from '../identity/entry.ts';

/** GitHub Actions runs at most so many jobs from one matrix. */
export const maxJobsPerMatrix = 256;
/** And a job's outputs may be so large together, counted in UTF-16. */
export const maxOutputBytes = 1_000_000;

/**
 * Splits entries into matrices that GitHub Actions can run, in order. Throws WorkError when all of them together are
 * more than a job may hand on.
 */
export function shardsForActions(entries: readonly GeneratedEntry[]): GeneratedEntry[][] {
  const bytes = 2 * JSON.stringify(entries).length;
  if (bytes > maxOutputBytes) {
    throw new WorkError(
      `the matrix is ${bytes} bytes as a job's output; GitHub Actions takes ${maxOutputBytes}`,
      {
        hint: 'narrow it with filters, or split it over several jobs',
      },
    );
  }
  return Array.from({ length: Math.ceil(entries.length / maxJobsPerMatrix) }, (_, index) =>
    entries.slice(index * maxJobsPerMatrix, (index + 1) * maxJobsPerMatrix),
  );
}
