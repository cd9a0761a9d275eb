import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { notReplayed } from '../../test/support/not-replayed.ts';
import { type Engine, engineFor } from '../engines/index.ts';
import { InputError, WorkError } from '../errors.ts';
import {
  type FailureClass,
  type FailureRule,
  type FailureRules,
  failureClasses,
  failureTable,
} from '../failures/index.ts';
import { thisMachine } from '../hosts/index.ts';
import { EngineFailure, type Launcher, type LaunchRequest, type RunningEngine } from '../launchers/index.ts';
import type { LoadProgress } from '../load/index.ts';
import type { EngineSession, LauncherKind } from '../plan/index.ts';
import { everyPoint } from './adaptive.ts';
import type { SessionTask, SweepServices, SweepTools } from './context.ts';
import type { SweepEvent } from './events.ts';
import type { JournalEvent } from './journal.ts';
import { runSession } from './session-run.ts';
import { itemsOf, SessionWork } from './session-work.ts';
import { SweepDirectory } from './sweep-directory.ts';

/** A server that answers every health check. */
let healthy: Server;
let baseUrl: string;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-run-'));
  healthy = createServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => healthy.listen(0, '127.0.0.1', resolve));
  const address = healthy.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterEach(async () => {
  healthy.close();
  await rm(folder, { recursive: true, force: true });
});

const server = (flag: string) => ({ args: [flag], env: {}, files: [], acceleratorCount: 1 });
const session: EngineSession = {
  id: 'a-session',
  hardware: 'h100',
  runner: 'h100',
  launcher: 'slurm',
  framework: 'vllm',
  image: 'example/engine:v1',
  model: 'org/model',
  server: server('--by-slurm'),
  serverBy: { docker: server('--by-docker') },
  points: [
    {
      id: 'a-point',
      conc: 1,
      hardware: 'h100',
      client: { numPrompts: 1, warmupRequests: 0, randomRangeRatio: 1, useChatTemplate: false, seed: 0 },
      entry: {
        image: 'example/engine:v1',
        model: 'org/model',
        'model-prefix': 'model',
        precision: 'fp8',
        framework: 'vllm',
        runner: 'h100',
        isl: 8,
        osl: 8,
        tp: 1,
        conc: 1,
        'max-model-len': 100,
        ep: 1,
        'dp-attn': false,
        'spec-decoding': 'none',
        'exp-name': 'model_8_8',
        disagg: false,
      },
    },
  ],
};

function withoutWaiting(): FailureRules {
  const rules: Record<FailureClass, FailureRule> = { ...failureTable };
  for (const failureClass of failureClasses) rules[failureClass] = { ...rules[failureClass], backoffS: 0 };
  return rules;
}

interface Stage {
  readonly launcherKind?: LauncherKind;
  readonly engine?: Engine;
  readonly start?: (request: LaunchRequest) => void;
  readonly seen?: (server: EngineSession['server']) => void;
  readonly stop?: () => Promise<void>;
  readonly running?: Partial<RunningEngine>;
  readonly measure?: SweepTools['measure'];
  readonly stopWatch?: () => Promise<void>;
}

/** Runs a session in which everything but the code under test is simulated; every measurement fails. */
async function play({
  launcherKind = 'docker',
  engine,
  start = () => {},
  seen = () => {},
  stop = async () => {},
  running = {},
  measure = async () => {
    throw new Error('no measurement here');
  },
  stopWatch = async () => {},
}: Stage) {
  const events: JournalEvent[] = [];
  const told: SweepEvent[] = [];
  let reservations = 0;
  const launcher: Launcher = {
    runs: 'containers',
    endOrphans: async () => [],
    reserve: async () => {
      reservations += 1;
      return {
        nodes: ['node-0'],
        node: thisMachine,
        start: async (request): Promise<RunningEngine> => {
          start(request);
          return { baseUrl, logPath: '', exited: new Promise(() => {}), stop, ...running };
        },
        release: async () => {},
      };
    },
  };
  const work = new SessionWork(session, itemsOf(session, 1), failureTable);
  const task: SessionTask = {
    work,
    node: { name: 'h100_0', pool: 'h100', launcher, launcherKind, host: '0.0.0.0', port: 9123, env: {} },
    chooser: everyPoint,
    besideOthers: false,
    canMove: () => false,
    exclude: [],
    outOfTime: () => false,
    signal: new AbortController().signal,
  };
  const services: SweepServices = {
    sweepId: 'a-sweep',
    directory: new SweepDirectory(folder),
    rules: withoutWaiting(),
    clock: { now: () => new Date(0), monotonicMs: () => 0 },
    record: async (event) => {
      events.push(event);
    },
    tell: (event) => void told.push(event),
  };
  const tools: SweepTools = {
    engineFor: engine === undefined ? engineFor : () => engine,
    provision: async () => ({ modelPath: 'org/model', provenance: {} }),
    measure,
    replay: notReplayed,
    hooks: {
      watch: async (seat) => {
        seen(seat.session.server);
        return {
          beforeStart: async () => {},
          stop: stopWatch,
          over: async () => {
            throw new Error('no measurement here');
          },
        };
      },
    },
    provenance: {},
  };
  const end = await runSession(task, services, tools);
  return { end, events, told, reservations, work };
}

describe('a session on a node', () => {
  test("is reported and recorded with the command that the node's launcher runs", async () => {
    const requests: LaunchRequest[] = [];
    const servers: EngineSession['server'][] = [];
    await play({ start: (request) => requests.push(request), seen: (one) => servers.push(one) });
    expect(requests[0]?.argv).toContain('--by-docker');
    expect(new Set(servers.flatMap(({ args }) => args))).toEqual(new Set(['--by-docker']));
  });

  test('whose engine and sampling cannot be stopped keeps its results and reports both errors as well', async () => {
    const refusals = {
      stop: () => Promise.reject(new WorkError('docker has not answered for 45 s')),
      stopWatch: () => Promise.reject(new Error('the tunnel is gone')),
    };
    const { events } = await play(refusals);
    const stopped = await play({});
    const failures = (list: readonly JournalEvent[]) => list.filter(({ type }) => type === 'point-failed');
    expect(failures(events)).toEqual(failures(stopped.events));
    expect(events.filter(({ type }) => type === 'session-failed')).toEqual([]);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'hook-failed',
        what: 'stopping the engine',
        message: 'docker has not answered for 45 s',
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'hook-failed', what: 'sampling', message: 'the tunnel is gone' }),
    );
  });

  test('without a command for the launcher is an input error, and nothing is started', async () => {
    const { events, work } = await play({
      engine: {
        ...engineFor('llama.cpp'),
        command: () => {
          throw new InputError('it does not run from such an image');
        },
      },
      start: () => {
        throw new Error('it was started');
      },
    });
    expect(events.filter(({ type }) => type === 'session-failed')).toMatchObject([
      { failureClass: 'bad-input', next: 'give-up' },
    ]);
    expect(work.failed).toBe(1);
  });

  test('that stops answering during a measurement is reported at once, and again when it is given up', async () => {
    const logPath = join(folder, 'engine.log');
    await writeFile(logPath, 'INFO [rank3] waiting for the lock /hub/.locks/ab.lock\n');
    const progress: Omit<LoadProgress, 'elapsedS' | 'completed' | 'failed'> = {
      total: 8,
      inFlight: 4,
      outputThroughput: null,
      requestThroughput: 0,
      medianTtftMs: null,
      medianTpotMs: null,
      verdict: 'suspect',
    };
    const { events, told } = await play({
      running: {
        logPath,
        deviceActivity: async () => 'all 8 GPUs are 100 % busy',
        processActivity: async () => 'process 7 (VLLM::Worker) in acquire (filelock/_api.py:320)',
        lockHolder: async (path) => `no process holds ${path}`,
      },
      measure: async (_, { signal, onProgress }) => {
        onProgress({ ...progress, elapsedS: 10, completed: 1, failed: 0 });
        for (const elapsedS of [131, 200, 260])
          onProgress({ ...progress, elapsedS, completed: 1, failed: 2 });
        signal.throwIfAborted();
        throw new Error('it was not ended');
      },
    });
    const does = 'all 8 GPUs are 100 % busy; process 7 (VLLM::Worker) in acquire (filelock/_api.py:320)';
    const waits = told.flatMap((event) => (event.type === 'waiting' ? [event] : []));
    const silences = waits.filter(({ what }) => what.startsWith('the engine to answer'));
    const failures = events.filter(({ type }) => type === 'point-failed');
    // Once per try.
    expect(silences).toHaveLength(failures.length);
    expect(silences[0]).toMatchObject({
      what: `the engine to answer, which it has not done for 121 s: ${does}`,
      timeoutS: 240,
    });
    expect(failures[0]).toMatchObject({
      failureClass: 'hung',
      message: expect.stringMatching(
        /^the engine did not answer for 240 s: processes wait for a lock.*VLLM::Worker/,
      ),
    });
  });

  test.each([
    ['preempted', 3],
    ['time-limit', 2],
    ['cannot-start', 1],
  ] as const)(
    'whose start fails with %s is reserved again as often as that class allows',
    async (failureClass, times) => {
      const { reservations, end } = await play({
        start: () => {
          throw new EngineFailure(failureClass, 'gone');
        },
      });
      expect(reservations).toBe(times);
      expect(end.failures.map((failure) => failure.failureClass)).toEqual(Array(times).fill(failureClass));
    },
  );
});
