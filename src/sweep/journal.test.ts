import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { finishedPoints, Journal, readJournal } from './journal.ts';

const clock = { now: () => new Date('2026-01-14T10:15:00Z'), monotonicMs: () => 1500 };
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'journal.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(...events: Parameters<Journal['append']>[0][]): Promise<void> {
  const journal = await Journal.open(path, clock);
  for (const event of events) await journal.append(event);
  await journal.close();
}

const finished = (pointId: string) =>
  ({
    type: 'point-finished',
    sessionId: 's',
    pointId,
    resultFilename: `r-${pointId}`,
    verdict: 'checked',
    outputThroughput: 50,
    medianTtftMs: 200,
    medianTpotMs: 20,
  }) as const;

test('appended events are read back in order, with their times', async () => {
  await write({ type: 'sweep-started', resumed: false, pointsLeft: 1 }, finished('a'));
  expect(await readJournal(path)).toEqual([
    { at: '2026-01-14T10:15:00.000Z', upS: 0, type: 'sweep-started', resumed: false, pointsLeft: 1 },
    { at: '2026-01-14T10:15:00.000Z', upS: 0, ...finished('a') },
  ]);
});

test('the former verdict "valid" is read as "checked"', async () => {
  await write(finished('a'));
  await writeFile(path, (await readFile(path, 'utf8')).replace('"checked"', '"valid"'));
  expect(await readJournal(path)).toMatchObject([{ verdict: 'checked' }]);
});

test('a journal that does not exist is empty', async () => {
  expect(await readJournal(path)).toEqual([]);
});

test('a line cut off by a crash is ignored, and the next event starts a new line', async () => {
  await write(finished('a'));
  await appendFile(path, '{"at":"2026-01-14T10:15:00.000Z","type":"point-fin');
  expect(finishedPoints(await readJournal(path))).toEqual(new Map([['a', 'r-a']]));
  await write(finished('b'));
  expect(finishedPoints(await readJournal(path))).toEqual(
    new Map([
      ['a', 'r-a'],
      ['b', 'r-b'],
    ]),
  );
});

test('journals of older and newer versions are read, without unknown events', async () => {
  const at = '2026-01-14T10:15:00.000Z';
  const lines = [
    { at, type: 'engine-stopped', sessionId: 's' },
    {
      at,
      type: 'point-failed',
      sessionId: 's',
      pointId: 'a',
      failureClass: 'engine-died',
      message: 'm',
      willRetry: false,
    },
    { at, type: 'of-a-newer-version', sessionId: 's' },
    { at, ...finished('b'), ofANewerVersion: 1 },
  ];
  await appendFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  expect((await readJournal(path)).map(({ type }) => type)).toEqual([
    'engine-stopped',
    'point-failed',
    'point-finished',
  ]);
});

test('events that are appended together keep their order', async () => {
  const journal = await Journal.open(path, clock);
  await Promise.all(['a', 'b', 'c', 'd'].map(async (id) => await journal.append(finished(id))));
  await journal.close();
  expect([...finishedPoints(await readJournal(path)).keys()]).toEqual(['a', 'b', 'c', 'd']);
});

test('every damaged line is reported with its place, whatever the damage', async () => {
  await write(finished('a'));
  await appendFile(path, '{"at":"2026-01-\n[]\n{"at":"never","type":"sweep-interrupted"}\n');
  await write(finished('b'));
  await expect(readJournal(path)).rejects.toMatchObject({
    name: 'InputError',
    problems: [2, 3, 4].map((line) => ({ file: path, line })),
  });
});

test('every failure class of version 0.1 can still be read', async () => {
  const classes = [
    'bad-input',
    'node-busy',
    'provisioning',
    'cannot-start',
    'died-on-start',
    'never-ready',
    'out-of-memory',
    'engine-died',
    'stalled',
    'unreachable',
    'node-lost',
    'preempted',
    'time-limit',
    'load-test',
    'invalid-measurement',
    'disk-full',
  ];
  const lines = classes.map((failureClass) =>
    JSON.stringify({
      at: '2026-01-14T10:15:00.000Z',
      type: 'session-failed',
      sessionId: 's',
      failureClass,
      message: 'm',
    }),
  );
  await writeFile(path, `${lines.join('\n')}\n`);
  expect(await readJournal(path)).toHaveLength(classes.length);
});
