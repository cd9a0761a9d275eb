import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bin } from '../../test/support/product.ts';
import { someSweep, writeSweepFiles } from '../../test/support/synthetic-sweep.ts';
import { openStore } from './index.ts';

let folder: string;
let location: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-store-'));
  location = join(folder, 'store.sqlite');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a file that is not a store is refused for reading and writing, and not changed', async () => {
  for (const content of ['', 'x']) {
    await writeFile(location, content);
    await expect(openStore(location, 'read')).rejects.toThrow(/does not contain a store|not a database/);
    await expect(openStore(location)).rejects.toThrow(/does not contain a store|not a database/);
    expect((await stat(location)).size).toBe(content.length);
  }
});

test('a store whose creation was interrupted is created again', async () => {
  await writeFile(`${location}.making`, 'half');
  await writeFile(`${location}-wal`, 'of a file that is gone');
  const store = await openStore(location);
  expect((await store.stats()).measurements).toEqual({});
  await store.close();
  expect(await readdir(folder)).toEqual(['store.sqlite']);
});

test('a folder is not a store', async () => {
  await expect(openStore(folder, 'read')).rejects.toThrow('is a folder');
});

test.skipIf(process.getuid?.() !== 0)('a read-only store can be read', async () => {
  const run = join(folder, 'run');
  await writeSweepFiles(run, someSweep);
  const store = await openStore(location);
  await store.ingestRun(run);
  await store.close();
  await chmod(folder, 0o755);
  await chmod(location, 0o444);
  const asNobody = (...args: readonly string[]) =>
    spawnSync(
      'setpriv',
      ['--reuid=65534', '--clear-groups', process.execPath, bin, 'store', ...args, '--store', location],
      { encoding: 'utf8', cwd: folder },
    );
  expect(asNobody('stats')).toMatchObject({ status: 0, stderr: '' });
  const refused = asNobody('ingest', run);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('grant write permission');
  expect(refused.stderr).not.toContain('move it away');
});
