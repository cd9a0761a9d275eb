import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checksumArgv, importArgv } from './argv.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-'));
  await mkdir(join(folder, 'bin'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the import like a node does, but without srun and with a fake enroot. */
async function importing(enroot: string, timeoutS = 20) {
  const path = join(folder, 'bin', 'enroot');
  await writeFile(path, `#!/bin/sh\n${enroot}\n`);
  await chmod(path, 0o755);
  const step = { jobId: 1, name: 'import', nodes: ['n'], tasksPerNode: 1 };
  const argv = importArgv(step, 'nvcr.io/x/y:1', join(folder, 'squash', 'x.sqsh'), timeoutS);
  const child = spawn('sh', argv.slice(argv.indexOf('sh') + 1), {
    env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` },
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code, stderr };
}

const count = `echo "$@" >> ${'$(dirname "$0")'}/calls; sleep 0.3; echo image > "$3"`;

test('if many nodes import one image at the same time, it is imported once', async () => {
  const results = await Promise.all([importing(count), importing(count), importing(count)]);
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(await readFile(join(folder, 'bin', 'calls'), 'utf8')).toBe(
    `import --output ${join(folder, 'squash', 'x.sqsh')}.part docker://nvcr.io#x/y:1\n`,
  );
  expect(await readFile(join(folder, 'squash', 'x.sqsh'), 'utf8')).toBe('image\n');
});

test('a failed import leaves no partial image, and the error says why', async () => {
  const { code, stderr } = await importing('echo half > "$3"; echo "no space left" >&2; exit 1');
  expect(code).toBe(1);
  expect(stderr).toContain('no space left');
  expect(await readdir(join(folder, 'squash'))).not.toContain('x.sqsh');
  expect((await importing(count)).code).toBe(0);
});

test('the checksum of an image is computed once, and again if the image changes', async () => {
  const file = join(folder, 'x.sqsh');
  const calls = join(folder, 'calls');
  const tool = join(folder, 'bin', 'sha256sum');
  await writeFile(tool, `#!/bin/sh\necho . >> ${calls}\nexec /usr/bin/sha256sum\n`);
  await chmod(tool, 0o755);
  const checksum = async () => {
    const argv = checksumArgv({ jobId: 1, name: 'import', nodes: ['n'], tasksPerNode: 1 }, file);
    const child = spawn('sh', argv.slice(argv.indexOf('sh') + 1), {
      env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` },
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(stderr).toBe('');
    return stdout.trim();
  };
  const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
  await writeFile(file, 'one image');
  expect([await checksum(), await checksum()]).toEqual([sha256('one image'), sha256('one image')]);
  expect(await readFile(calls, 'utf8')).toBe('.\n');
  await writeFile(file, 'another image');
  expect(await checksum()).toBe(sha256('another image'));
  expect((await readdir(folder)).toSorted()).toEqual(['bin', 'calls', 'x.sqsh', 'x.sqsh.sha256']);
});
