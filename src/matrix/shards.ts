import { WorkError } from '../errors.ts';
import type { GeneratedEntry } from '../identity/entry.ts';

/** GitHub Actions limits the number of jobs in a matrix. */
export const maxJobsPerMatrix = 256;
/** It also limits the total size of a job's outputs, counted in UTF-16. */
export const maxOutputBytes = 1_000_000;

/**
 * Splits entries, in order, into matrices that GitHub Actions accepts. Throws WorkError if their total size exceeds the
 * limit for a job's outputs.
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
