import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogWatch, quietInWords } from './quiet-log.ts';

let folder: string;
let log: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quiet-log-'));
  log = join(folder, 'engine.log');
  await writeFile(log, 'INFO loading shard 1\n');
});
afterEach(() => rm(folder, { recursive: true }));

const minute = 60_000;

test('a silent log becomes quiet after a while, until it has new content', async () => {
  const watch = new LogWatch({ logPath: log });
  expect(await watch.look(0, 600)).toEqual([]);
  expect(await watch.look(9 * minute, 600)).toEqual([]);
  const quiet = await watch.look(11 * minute, 600);
  expect(quietInWords(quiet)).toBe('its log has been silent for 11 min (last: INFO loading shard 1)');
  await appendFile(log, 'INFO capturing graphs\n');
  expect(await watch.look(12 * minute, 600)).toEqual([]);
});

test('a log that repeats one line with different numbers is quiet, too', async () => {
  const watch = new LogWatch({ logPath: log });
  for (let at = 0; at <= 20; at++) {
    await appendFile(log, `INFO 12:${at}:00 waiting for baton release after ${at * 60} s\n`);
    await watch.look(at * minute, 600);
  }
  await appendFile(log, 'INFO 12:21:00 waiting for baton release after 1260 s\n');
  const said = quietInWords(await watch.look(21 * minute, 600));
  expect(said).toMatch(/^its log has repeated itself for 21 min \(last: INFO 12:21:00 waiting/);
});

test('if an engine has several steps, the one that has been silent the longest comes first', async () => {
  const path = (name: string) => join(folder, `engine.${name}.log`);
  const stepLogs = ['prefill-0', 'decode-0', 'frontend-0'].map((name) => ({ name, path: path(name) }));
  for (const step of stepLogs) await writeFile(step.path, `${step.name} starts\n`);
  const watch = new LogWatch({ logPath: log, stepLogs });
  await watch.look(0, 600);
  await appendFile(path('prefill-0'), 'ready\n');
  await watch.look(5 * minute, 600);
  await appendFile(path('frontend-0'), 'waiting for remote model..\n');
  const said = quietInWords(await watch.look(16 * minute, 600));
  expect(said).toBe(
    'the log of decode-0 has been silent for 16 min (last: decode-0 starts); so have prefill-0',
  );
});

test('a log that does not exist yet is empty', async () => {
  const watch = new LogWatch({ logPath: join(folder, 'nope.log') });
  await watch.look(0, 60);
  expect(quietInWords(await watch.look(2 * minute, 60))).toContain('(it is empty)');
});

test('the rank that the others wait for is named', async () => {
  const workers = [0, 1, 3].map((rank) => `(Worker_TP${rank} pid=1${rank}) INFO waiting for the others\n`);
  await appendFile(log, workers.join(''));
  const watch = new LogWatch({ logPath: log });
  await watch.look(0, 600);
  expect(quietInWords(await watch.look(11 * minute, 600))).toContain(
    '; rank 2 has not logged what the others have: (Worker_TP0 pid=10) INFO waiting for the others',
  );
});
