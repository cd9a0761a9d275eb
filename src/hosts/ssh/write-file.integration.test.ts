import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { thisMachine } from '../index.ts';
import { writeFileArgv } from './write-file.ts';

let base: string;
let folder: string;
let outside: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'write-file-')));
  [folder, outside] = [join(base, 'session'), join(base, 'outside')];
  await mkdir(folder);
  await mkdir(outside);
  await writeFile(join(outside, 'kept'), 'kept');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const write = async (path: string, into = folder) =>
  await thisMachine.run(writeFileArgv(into, path), { input: 'text\n' });

test('a file is written, with its parent folders, and replaced', async () => {
  expect(await write('a/b c/file')).toMatchObject({ code: 0 });
  expect(await write('a/b c/file')).toMatchObject({ code: 0 });
  expect(await readFile(join(folder, 'a', 'b c', 'file'), 'utf8')).toBe('text\n');
  expect(await readdir(join(folder, 'a', 'b c'))).toEqual(['file']);
});

test('a link in place of the file, its temporary file or a folder is not followed', async () => {
  await symlink(join(outside, 'kept'), join(folder, 'file'));
  await symlink(join(outside, 'kept'), join(folder, 'file.part'));
  await symlink(outside, join(folder, 'to-folder'));
  expect(await write('file')).toMatchObject({ code: 0 });
  expect(await write('to-folder')).toMatchObject({ code: 0 });
  for (const name of ['file', 'to-folder']) expect(await readFile(join(folder, name), 'utf8')).toBe('text\n');

  await symlink(outside, join(folder, 'linked'));
  expect(await write('linked/new')).toMatchObject({ code: 1, stderr: `${folder}/linked is not a folder\n` });
  await symlink(folder, join(base, 'other'));
  expect(await write('new', join(base, 'other'))).toMatchObject({
    code: 1,
    stderr: `${base}/other is a link\n`,
  });
  expect(await readdir(outside)).toEqual(['kept']);
  expect(await readFile(join(outside, 'kept'), 'utf8')).toBe('kept');
});
