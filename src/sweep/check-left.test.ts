import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { notReplayed } from '../../test/support/not-replayed.ts';
import { someSession } from '../../test/support/some-session.ts';
import { writeFileAtomically } from '../atomic-file.ts';
import { defined } from '../defined/defined.ts';
import { engineFor } from '../engines/index.ts';
import { failureTable } from '../failures/index.ts';
import { thisMachine } from '../hosts/index.ts';
import type { Launcher } from '../launchers/index.ts';
import type { EngineSession } from '../plan/index.ts';
import type { CheckOutcome, SessionHooks } from './hooks.ts';
import { Journal, type JournalEvent } from './journal.ts';
import { runSweep } from './sweep.ts';
import { SweepDirectory } from './sweep-directory.ts';

let healthy: Server;
let baseUrl: string;
let directory: SweepDirectory;
let session: EngineSession;
beforeEach(async () => {
  directory = new SweepDirectory(await mkdtemp(join(tmpdir(), 'check-left-')));
  healthy = createServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => healthy.listen(0, '127.0.0.1', resolve));
  const address = healthy.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  session = await someSession();
});
afterEach(async () => {
  healthy.close();
  await rm(directory.path, { recursive: true, force: true });
});

/** Writes the files of an earlier run that measured its only point, followed by the events `then`. */
async function earlierRun(...then: readonly JournalEvent[]): Promise<void> {
  const resultFilename = 'a-result';
  for (const file of [directory.rawResult(resultFilename), directory.aggregateRow(resultFilename)])
    await writeFileAtomically(file, '{}');
  const journal = await Journal.open(directory.journal, { now: () => new Date(0), monotonicMs: () => 0 });
  const pointId = session.points[0]?.id ?? '';
  const figures = { verdict: 'checked', outputThroughput: 1, medianTtftMs: 1, medianTpotMs: 1 };
  for (const event of [
    { type: 'sweep-started', resumed: false, pointsLeft: 1 } as const,
    { type: 'point-finished', sessionId: session.id, pointId, resultFilename, ...figures } as const,
    ...then,
  ])
    await journal.append(event);
  await journal.close();
}

const check = (task: string, of?: number): JournalEvent => ({
  type: 'check-finished',
  sessionId: session.id,
  task,
  verdict: 'pass',
  reason: 'as before',
  ...defined({ of }),
});

const found: readonly CheckOutcome[] = [
  { task: 'recall', score: 0, verdict: 'fail', reason: 'far below' },
  { task: 'agreement', score: 0, verdict: 'fail', reason: 'far below' },
];

/**
 * Resumes the sweep with an engine that fails its check. Returns the number of engine starts and the events.
 */
async function goOn(hooks: SessionHooks = { check: async () => found }) {
  let starts = 0;
  const launcher: Launcher = {
    runs: 'provisioned engines',
    endOrphans: async () => [],
    reserve: async () => ({
      nodes: ['cpu_0'],
      node: thisMachine,
      start: async () => {
        starts += 1;
        return { baseUrl, logPath: '', exited: new Promise(() => {}), stop: async () => {} };
      },
      release: async () => {},
    }),
  };
  const events: string[] = [];
  const left: unknown[] = [];
  const outcome = await runSweep(
    directory,
    {
      sweepId: 'a-sweep',
      createdAt: new Date(0).toISOString(),
      command: 'run',
      plan: { sessions: [session] },
    },
    {
      nodes: [
        {
          name: 'cpu_0',
          pool: 'cpu',
          launcher,
          launcherKind: 'local',
          host: '127.0.0.1',
          port: 9,
          env: {},
        },
      ],
      lockNode: async () => async () => {},
      tools: {
        engineFor,
        provision: async () => ({ engineDir: '/engine', modelPath: '/m', provenance: {} }),
        replay: notReplayed,
        measure: async () => {
          throw new Error('there is nothing to measure');
        },
        hooks,
        provenance: {},
      },
      rules: failureTable,
      estimateS: () => undefined,
      now: () => new Date(0),
      onEvent: (event) => {
        events.push(event.type);
        if (event.type === 'sweep-started') left.push(event.pointsLeft, event.checksLeft);
      },
      signal: new AbortController().signal,
    },
  );
  return { starts, left, checks: events.filter((type) => type === 'check-finished').length, outcome };
}

test.each<[string, () => JournalEvent[]]>([
  ['before its engine was checked', () => []],
  ['between two tasks of the check', () => [check('recall', 2)]],
])('a sweep that ended %s runs the check when resumed', async (_, then) => {
  await earlierRun(...then());
  expect(await goOn()).toMatchObject({
    starts: 1,
    left: [0, 1],
    checks: 2,
    outcome: { finished: 1, failed: 0, interrupted: false },
  });
  expect(await goOn()).toMatchObject({ starts: 0, left: [0, undefined], checks: 0 });
});

test.each<[string, () => JournalEvent[]]>([
  ['to its end', () => [check('recall', 2), check('agreement', 2)]],
  ['by an older version, which does not record the number of checks', () => [check('recall')]],
])('an engine that was checked %s is not started again for a check', async (_, then) => {
  await earlierRun(...then());
  expect(await goOn()).toMatchObject({ starts: 0, left: [0, undefined], checks: 0 });
});

test('a check that throws is reported, and retried when the sweep is resumed', async () => {
  await earlierRun();
  const check = async () => {
    throw new Error('no answer');
  };
  for (let time = 0; time < 2; time++) expect(await goOn({ check })).toMatchObject({ starts: 1, checks: 0 });
});

test('without a check hook, no engine is started for a check', async () => {
  await earlierRun();
  expect(await goOn({})).toMatchObject({ starts: 0, left: [0, undefined] });
});
