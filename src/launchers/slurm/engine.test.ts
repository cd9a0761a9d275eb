import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Host, thisMachine } from '../../hosts/index.ts';
import { Controller } from './controller.ts';
import { startSteps } from './engine.ts';
import { slurmSettings } from './settings.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slurm-engine-'));
  await writeFile(join(folder, 'engine.log'), '');
});
afterAll(() => rm(folder, { recursive: true }));

/** The exit of an engine whose only step ends normally at once, in a job that passes through these states. */
async function exitInJob(states: readonly string[], cancelMs: number) {
  let asked = 0;
  const host: Host = {
    ...thisMachine,
    run: async () => ({
      code: 0,
      stdout: `JobId=7 JobState=${states[Math.min(asked++, states.length - 1)]} Reason=None`,
      stderr: '',
    }),
    start: async () => ({ pid: 1, ended: Promise.resolve({ code: 0, signal: null }), kill: () => {} }),
    writeFiles: async () => {},
  };
  const step = {
    name: 'engine',
    nodes: ['n'],
    tasksPerNode: 1,
    mpi: false,
    argv: ['serve'],
    env: {},
    files: [],
  };
  const workDir = folder;
  const { exited } = await startSteps([step], {
    request: {
      sessionId: 's',
      argv: step.argv,
      env: {},
      host: '0.0.0.0',
      port: 1,
      logPath: join(folder, 'engine.log'),
    },
    env: {},
    jobId: 7,
    session: { sessionId: 's', image: 'i', acceleratorCount: 1, nodeCount: 1, workDir, folder },
    start: 1,
    settings: slurmSettings.parse({ container: 'none' }),
    host,
    controller: new Controller(host),
    times: { watchMs: 60_000, graceMs: 0, cancelMs },
  });
  return await exited;
}

test.concurrent.each([
  ['CANCELLED', 'preempted'],
  ['REQUEUED', 'preempted'],
  ['FAILED', 'engine-died'],
  ['PREEMPTED', 'preempted'],
  ['TIMEOUT', 'time-limit'],
  ['NODE_FAIL', 'node-lost'],
])('the reason is awaited while a job is completing: %s', async (state, failureClass) => {
  const exit = await exitInJob(['COMPLETING', 'COMPLETING', state], 60_000);
  expect(exit).toMatchObject({ code: 0, reason: { failureClass } });
});

test('a job that never finishes completing is the reason, too', async () => {
  expect(await exitInJob(['COMPLETING'], 0)).toMatchObject({
    reason: { failureClass: 'engine-died', message: 'Slurm job 7 is ending, and Slurm does not say why' },
  });
});

test('if a step ends while the job continues, the job gives no reason', async () => {
  expect(await exitInJob(['RUNNING'], 60_000)).toMatchObject({ code: 0, signal: null, nodes: ['n'] });
  expect((await exitInJob(['RUNNING'], 60_000)).reason).toBeUndefined();
});
