import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { someSession } from '../../test/support/some-session.ts';
import { engineFor } from '../engines/index.ts';
import { evalRecordSchema } from '../evals/index.ts';
import { thisMachine } from '../hosts/index.ts';
import { accuracyCheck } from './accuracy-check.ts';
import { SweepDirectory } from './sweep-directory.ts';

let folder: string;
const servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accuracy-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

const asked = z.object({ prompt: z.string(), temperature: z.literal(0) });

/** A completions server that answers with `answer(prompt)`. */
async function engine(answer: (prompt: string) => string): Promise<string> {
  const server = createServer(async (request, response) => {
    const { prompt } = asked.parse(await json(request));
    response.end(JSON.stringify({ choices: [{ text: answer(prompt), finish_reason: 'stop' }] }));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** Extracts the fact that a `recall` prompt asks for. */
function recalled(prompt: string): string {
  const last = prompt.split('\n\n').at(-1) ?? '';
  const [facts = '', question = ''] = last.split('\n');
  return ` ${facts.split(`${question} `)[1]?.split('.')[0] ?? prompt.length} and so on`;
}

async function session(id: string, precision: string) {
  const planned = await someSession();
  const points = planned.points.map((point) => ({ ...point, entry: { ...point.entry, precision } }));
  return { ...planned, id, points };
}

async function checked(id: string, precision: string, baseUrl: string) {
  const directory = new SweepDirectory(folder);
  const running = {
    baseUrl,
    logPath: '',
    stop: async () => {},
    exited: new Promise<never>(() => {}),
  };
  const place = {
    nodes: ['cpu'],
    node: thisMachine,
    start: async () => running,
    release: async () => {},
  };
  return await accuracyCheck({ limit: 40 })({
    session: await session(id, precision),
    engine: engineFor('llama.cpp'),
    running,
    place,
    directory,
    node: 'cpu',
    sweepId: 'a-sweep',
    signal: new AbortController().signal,
  });
}

test('compares sessions of one model with the first one of the highest precision, and writes records as files', async () => {
  const good = await engine(recalled);
  const first = await checked('session-a', 'bf16', good);
  expect(first).toEqual([
    { task: 'recall', score: 1, verdict: 'not-judged', reason: expect.stringContaining('no reference') },
    { task: 'agreement', verdict: 'not-judged', reason: expect.stringContaining('no reference answers yet') },
  ]);
  const same = await checked('session-b', 'q4', good);
  expect(same.map(({ score, verdict }) => [score, verdict])).toEqual([
    [1, 'pass'],
    [1, 'pass'],
  ]);
  const broken = await checked('session-c', 'q4', await engine(() => '!!!!'));
  expect(broken).toMatchObject([
    { task: 'recall', score: 0, verdict: 'fail', reason: expect.stringContaining('session-a') },
    { task: 'agreement', score: 0, verdict: 'fail' },
  ]);

  expect(await readdir(join(folder, 'evals'))).toEqual(
    ['a', 'b', 'c'].flatMap((id) => [`session-${id}_agreement.json`, `session-${id}_recall.json`]),
  );
  const text = await readFile(join(folder, 'evals', 'session-c_recall.json'), 'utf8');
  const record = evalRecordSchema.parse(JSON.parse(text));
  expect(record).toMatchObject({ hw: 'cpu', framework: 'llama.cpp', precision: 'q4', tp: 1, conc: 2 });
  expect(record.items.every(({ answer }) => answer === '!!!!')).toBe(true);
});

test('ignores a file that is not a record', async () => {
  await mkdir(join(folder, 'evals'));

  await writeFile(join(folder, 'evals', 'half.json'), '{"task": "rec');
  expect(await checked('session-a', 'q4', await engine(recalled))).toMatchObject([{ score: 1 }, {}]);
});
