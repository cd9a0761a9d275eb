import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startMockProcess } from '../src/load/mock/process.ts';
import { packageRoot } from '../src/package-root.ts';

const samples = join(packageRoot, 'samples');

/** What each sample must have measured, judged by its output and by what the server saw. */
const expectations: Readonly<Record<string, (output: string, requests: number) => void>> = {
  'measure-a-server.ts': (output, requests) => {
    expect(output).toMatch(/Successful requests:? +32\b/);
    expect(requests).toBe(32);
  },
  'find-the-frontier.ts': (output, requests) => {
    const frontier: { concurrency: number; throughput: number }[] = JSON.parse(output);
    expect(frontier.at(-1)?.throughput).toBeGreaterThan(0);
    expect(requests).toBe(4 * (1 + 2 + 4 + 8));
  },
  'share-the-load.ts': (output, requests) => {
    expect(JSON.parse(output)).toMatchObject({ completed: 32, max_concurrency: 8 });
    expect(requests).toBe(32);
  },
};

test('every sample has an expectation', () => {
  const programs = readdirSync(samples).filter((name) => name.endsWith('.ts'));
  expect(programs).toEqual(Object.keys(expectations).toSorted());
});

test.each(Object.entries(expectations))('samples/%s runs unmodified', async (name, expectIt) => {
  await using mock = await startMockProcess({ ttftMs: 2, itlMs: 1, tokensPerEvent: 1, eventsPerWrite: 1 });
  const fromSource = join(packageRoot, 'test/support/package-from-source.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--no-warnings',
    '--import',
    fromSource,
    join(samples, name),
    mock.baseUrl,
    'mock',
  ]);
  expectIt(stdout, (await mock.truth()).requests);
});
