import { execFile } from 'node:child_process';
import { isAbsolute, normalize } from 'node:path';
import { promisify } from 'node:util';
import { InputError, messageOf } from '../errors.ts';

const maxBytes = 64 * 1024 * 1024;

/**
 * A file's content at a git ref; empty if the ref does not have the file. Throws InputError if the folder is not a
 * repository, or if the ref is unknown or missing in a shallow clone.
 */
export async function fileAtRef(repository: string, ref: string, path: string): Promise<string> {
  if (isAbsolute(path) || normalize(path).split('/')[0] === '..')
    throw new InputError(
      `${path} is outside the repository ${repository}`,
      'use the path from the repository root, such as perf-changelog.yaml',
    );
  const commit = await commitOf(repository, ref);
  const listed = await git(repository, ['ls-tree', '--name-only', '--full-tree', commit, '--', path]);
  return listed.trim() === '' ? '' : await git(repository, ['show', `${commit}:${path}`]);
}

/** The content of all files directly in a folder at a git ref, by name. Throws InputError like `fileAtRef`. */
export async function filesAtRef(
  repository: string,
  ref: string,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const commit = await commitOf(repository, ref);
  const listed = await git(repository, [
    'ls-tree',
    '--full-tree',
    '--format=%(objecttype) %(path)',
    commit,
    `${folder}/`,
  ]);
  const paths = listed
    .split('\n')
    .filter((line) => line.startsWith('blob '))
    .map((line) => line.slice('blob '.length));
  const contents = await Promise.all(paths.map((path) => git(repository, ['show', `${commit}:${path}`])));
  return new Map(paths.map((path, index) => [path.slice(folder.length + 1), contents[index] ?? '']));
}

/** The full 40-digit commit of a ref. Throws InputError like `fileAtRef`. */
export async function commitOf(repository: string, ref: string): Promise<string> {
  try {
    return (
      await git(repository, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
    ).trim();
  } catch {
    const shallow = await git(repository, ['rev-parse', '--is-shallow-repository']).catch(
      (error: unknown) => {
        const reason = messageOf(error).trim().split('\n').at(-1);
        throw new InputError(`${repository} is not a git repository: ${reason}`);
      },
    );
    if (shallow.trim() === 'true') {
      throw new InputError(
        `git ref '${ref}' is not in this shallow clone`,
        'fetch the history: git fetch --unshallow, or fetch-depth: 0 in the checkout action',
      );
    }
    throw new InputError(`unknown git ref '${ref}'`, 'use a branch, a tag or a commit that was fetched');
  }
}

async function git(repository: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['-C', repository, ...args], { maxBuffer: maxBytes });
  return stdout;
}
