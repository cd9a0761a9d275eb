import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exitNoticed } from './exit-notice.ts';

test('the process waits even if nothing else runs, as for an external server', async () => {
  const { href } = new URL('exit-notice.ts', import.meta.url);
  const script = `
    import { exitNoticed } from ${JSON.stringify(href)};
    await exitNoticed(new Promise(() => {}), 1);
    console.log('settled');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout).toBe('settled\n');
});

test('an exit ends the wait', async () => {
  await expect(exitNoticed(Promise.resolve('exit'), 2 ** 31 - 1)).resolves.toBeUndefined();
});
