import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { InputError } from '../errors.ts';

/**
 * Runs a check of a file. A link to a file outside its repository, such as one from a pull request, may lead to anything
 * that this user can read, so the error of such a file never quotes its content.
 */
export async function withoutLinkedContent<Value>(file: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputError) || !(await leadsOut(file))) throw error;
    const message = 'its errors are not shown, because it is a link to a file outside the repository';
    throw new InputError(
      [{ code: 'bad-config', file, message, hint: 'replace the link with the file' }],
      undefined,
      { exitCode: error.exitCode },
    );
  }
}

async function leadsOut(file: string): Promise<boolean> {
  const [named, real] = [resolve(file), await realpath(file).catch(() => undefined)];
  if (real === undefined || real === named) return false;
  const repository = repositoryOf(dirname(named));
  return repository !== undefined && relative(await realpath(repository), real).split('/', 1)[0] === '..';
}

/** The folder of the git repository that a folder is in; undefined if it is not in one. */
function repositoryOf(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : repositoryOf(parent);
}
