import { execFile } from 'node:child_process';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/package-root.ts';

const identity = [
  '-c',
  'user.name=Tester',
  '-c',
  'user.email=tester@example.org',
  '-c',
  'commit.gpgsign=false',
];

/** Runs git in a folder as a test user; returns its output. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['-C', folder, ...identity, ...args]);
  return stdout.trim();
}

/** A repository with the project's working tree in one commit on main, and the installed dependencies. */
export async function copyOfTheProject(folder: string): Promise<string> {
  const listed = await git(
    packageRoot,
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
  );
  const deleted = new Set((await git(packageRoot, 'ls-files', '--deleted')).split('\n'));
  for (const path of listed.split('\n').filter((file) => !deleted.has(file))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(packageRoot, path), join(folder, path));
  }
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  await git(folder, 'config', 'user.name', 'Tester');
  await git(folder, 'config', 'user.email', 'tester@example.org');
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message', 'The project');
  await symlink(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
