import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { isAbsolute, normalize, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { InputError, messageOf } from '../errors.ts';

const maxBytes = 64 * 1024 * 1024;

/**
 * A file's content at a git ref, empty if the ref has no such file. Throws InputError for a folder that is not a
 * repository, an unknown ref, and one that a shallow clone does not have.
 */
export async function fileAtRef(repository: string, ref: string, path: string): Promise<string> {
  return (await bytesAtRef(repository, ref, path)).toString('utf8');
}

/** The same as bytes. */
export async function bytesAtRef(repository: string, ref: string, path: string): Promise<Buffer> {
  if (isAbsolute(path) || normalize(path).split('/')[0] === '..')
    throw new InputError(
      `${path} is outside the repository ${repository}`,
      'use the path from the repository root, such as perf-changelog.yaml',
      { code: 'unknown-ref' },
    );
  const commit = await commitOf(repository, ref);
  const listed = await git(repository, ['ls-tree', '--name-only', '--full-tree', commit, '--', path]);
  return listed.trim() === '' ? Buffer.alloc(0) : await gitBytes(repository, ['show', `${commit}:${path}`]);
}

/** The root of the working tree that a folder is in. Throws InputError for a folder that is in none. */
export async function topOf(repository: string): Promise<string> {
  return await ofRepository(repository, '--show-toplevel');
}

/** What `git rev-parse` says about the repository itself. Throws InputError for a folder that is in none. */
async function ofRepository(repository: string, option: string): Promise<string> {
  try {
    return (await git(repository, ['rev-parse', option])).trim();
  } catch (error) {
    const reason = messageOf(error).trim().split('\n').at(-1);
    throw new InputError(`${repository} is not a git repository: ${reason}`, undefined, {
      code: 'unknown-ref',
    });
  }
}

/** Where a file is in its repository, from the root. Throws InputError for one that is outside. */
export async function pathInRepository(repository: string, file: string): Promise<string> {
  const top = await topOf(repository);
  const path = relative(await realpath(top), await realpath(resolve(file)));
  if (path.split('/')[0] !== '..') return path;
  const message = `it is outside the repository ${top}, so its content before the change is unknown`;
  throw new InputError([{ code: 'unknown-ref', file, message }]);
}

/**
 * Where a named changelog is in its repository, from the root. A path that starts with `/`, `./` or `../` is one of
 * this machine; any other is from the root already. Throws InputError for one that is outside.
 */
export async function pathFromRoot(repository: string, file: string): Promise<string> {
  return isAbsolute(file) || /^\.{1,2}\//.test(file) ? await pathInRepository(repository, file) : file;
}

/** The content of every file directly in a folder at a git ref, by name. Throws InputError as `fileAtRef` does. */
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

/**
 * The paths in a folder by when the history of a ref last gained them, oldest first: a merge counts as the commit that
 * brings them. Those of one commit are in the order of their names.
 */
export async function pathsByAddition(repository: string, ref: string, folder: string): Promise<string[]> {
  const listed = await git(repository, [
    'log',
    '--first-parent',
    '-m',
    '--reverse',
    '--no-renames',
    '--diff-filter=A',
    '--name-only',
    '--format=',
    '-z',
    await commitOf(repository, ref),
    '--',
    `:(top,literal)${folder}`,
  ]);
  const paths = listed
    .split('\0')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  return [...new Set(paths.toReversed())].toReversed();
}

/**
 * The three sides of a file in a merge that stopped at a conflict: what both had, ours, and what is merged into it.
 * Throws InputError if the file is not in conflict.
 */
export async function sidesOfConflict(
  repository: string,
  path: string,
): Promise<{ readonly base: Buffer; readonly ours: Buffer; readonly theirs: Buffer }> {
  const listed = await git(repository, ['ls-files', '--unmerged', '-z', '--', `:(top,literal)${path}`]);
  const stages = new Map(
    listed.split('\0').flatMap((line) => {
      const [, object, stage] = /^\d+ ([0-9a-f]+) ([123])\t/.exec(line) ?? [];
      return object === undefined || stage === undefined ? [] : [[stage, object] as const];
    }),
  );
  const side = async (stage: string) => {
    const object = stages.get(stage);
    return object === undefined ? Buffer.alloc(0) : await gitBytes(repository, ['cat-file', 'blob', object]);
  };
  if (!stages.has('2') || !stages.has('3'))
    throw new InputError([
      {
        code: 'unknown-ref',
        file: path,
        message: 'it is not in conflict',
        hint: 'merge the main branch first: git merge origin/main',
      },
    ]);
  const [base, ours, theirs] = await Promise.all([side('1'), side('2'), side('3')]);
  return { base, ours, theirs };
}

/** The commit that a ref names, all 40 digits. Throws InputError as `fileAtRef` does. */
export async function commitOf(repository: string, ref: string): Promise<string> {
  try {
    return (
      await git(repository, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
    ).trim();
  } catch {
    if ((await ofRepository(repository, '--is-shallow-repository')) === 'true') {
      throw new InputError(
        `git ref '${ref}' is not in this shallow clone`,
        'fetch the history: git fetch --unshallow, or fetch-depth: 0 in the checkout action',
        { code: 'unknown-ref' },
      );
    }
    throw new InputError(`unknown git ref '${ref}'`, 'use a branch, a tag or a commit that was fetched', {
      code: 'unknown-ref',
    });
  }
}

async function git(repository: string, args: readonly string[]): Promise<string> {
  return (await gitBytes(repository, args)).toString('utf8');
}

async function gitBytes(repository: string, args: readonly string[]): Promise<Buffer> {
  const { stdout } = await promisify(execFile)('git', ['-C', repository, ...args], {
    maxBuffer: maxBytes,
    encoding: 'buffer',
  });
  return stdout;
}
