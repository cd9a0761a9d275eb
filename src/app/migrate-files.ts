import { writeFileAtomically } from '../atomic-file.ts';
import { type MigratedFile, migrated, type TransferOf } from '../config/migrate/index.ts';
import { InputError, type Problem } from '../errors.ts';
import { textOfNamed } from '../named-file.ts';

/** The result of migrating a file. */
export type MigrationOf = Pick<MigratedFile, 'kind' | 'changed'> & { readonly file: string };

/**
 * Rewrites master configs and runner files from the January to the August format: all of them, or none.
 * Throws InputError with every problem of every file.
 */
export async function migrateFiles(
  files: readonly string[],
  { transferOf, write }: { readonly transferOf: TransferOf; readonly write: boolean },
): Promise<MigrationOf[]> {
  const problems: Problem[] = [];
  const results: (MigratedFile & { readonly file: string })[] = [];
  for (const file of files) {
    try {
      results.push({ file, ...(await migrated(file, await textOfNamed(file), transferOf)) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new InputError(problems);
  for (const { file, text, changed } of results) if (changed && write) await writeFileAtomically(file, text);
  return results.map(({ file, kind, changed }) => ({ file, kind, changed }));
}
