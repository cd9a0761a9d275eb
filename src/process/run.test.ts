import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { identityOf } from './identity.ts';
import { run, withoutCredentials } from './run.ts';

test.each([
  ["unable to access 'https://user:SECRET@host:1/x.git/'", "unable to access 'https://***@host:1/x.git/'"],
  ['https://TOKEN@host/x.git', 'https://***@host/x.git'],
  ['https://user:SEC/R@T@host/x.git', 'https://***@host/x.git'],
  ['https://host:1/x.git, mail a@b', 'https://host:1/x.git, mail a@b'],
  ['https://host/x.git@main', 'https://host/x.git@main'],
  ['docker://host:5000/x@sha256:12', 'docker://host:5000/x@sha256:12'],
])('%s is shown without credentials', (text, shown) => {
  expect(withoutCredentials(text)).toBe(shown);
});

test('the error of a failed program hides credentials in its arguments and output', async () => {
  const failing = run(['sh', '-c', 'echo "no $1"; exit 3', 'sh', 'https://user:SECRET@host/x'], {
    signal: new AbortController().signal,
  });
  await expect(failing).rejects.toThrow(/no https:\/\/\*\*\*@host\/x/);
  await expect(failing).rejects.not.toThrow(/SECRET/);
});

test('an aborted program ends with all processes that it started', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'run-'));
  const pidFile = join(folder, 'pid');
  const enough = new AbortController();
  try {
    const running = run(
      ['sh', '-c', 'sleep 600 & echo $! > "$1.part"; mv "$1.part" "$1"; wait', 'sh', pidFile],
      {
        signal: enough.signal,
      },
    );
    const pid = Number(await vi.waitFor(async () => await readFile(pidFile, 'utf8')));
    enough.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await vi.waitFor(async () => expect(await identityOf(pid)).toBeUndefined());
  } finally {
    await rm(folder, { recursive: true });
  }
});
