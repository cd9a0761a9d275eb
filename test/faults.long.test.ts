import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { StandInBehaviour } from './stand-in/engine.ts';
import { onePoint, Scene } from './stand-in/scene.ts';
import { type PrintedEvent, runProduct } from './support/product.ts';

let scene: Scene;
afterEach(async () => await scene[Symbol.asyncDispose]());

const isType = (type: string) => (event: PrintedEvent) => event.type === type;

describe('processes that die in the middle of a sweep', () => {
  test('Ctrl-C stops the engine, keeps every finished point, and --resume measures only the rest', async () => {
    scene = await Scene.open({ tokenMs: 5 });
    const first = scene.start(scene.runArgs);
    await first.event(isType('point-finished'));
    first.child.kill('SIGINT');
    expect(await first.exited).toBe(130);
    await scene.expectNoOrphan();
    expect(first.stderr).toMatch(/run --resume run-\d{8}-\d{6}/);
    expect(await scene.story()).toMatchObject({ state: 'interrupted', running: false });

    const second = scene.start(scene.resumeArgs);
    expect(await second.exited, second.stderr).toBe(0);
    const before = first.events.filter(isType('point-finished')).length;
    expect(second.events.find(isType('sweep-started'))).toMatchObject({
      resumed: true,
      pointsLeft: 3 - before,
    });
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();
    expect(await scene.story()).toMatchObject({ state: 'finished', runs: 2, points: { finished: 3 } });
  });

  test('after kill -9 of InferenceMAX, the next start stops its engine by its record and resumes', async () => {
    scene = await Scene.open({ tokenMs: 5 });
    const quickstart = ['quickstart', '--config-files', 'master.yaml', ...scene.ownArgs];
    const first = scene.start(quickstart);
    await first.event(isType('point-finished'));
    const orphan = await scene.enginePid();
    first.child.kill('SIGKILL');
    await first.exited;
    expect(() => process.kill(orphan, 0)).not.toThrow();
    expect(await scene.story()).toMatchObject({ state: 'stopped without a final event', running: false });

    const second = scene.start(quickstart);
    expect(await second.exited, second.stderr).toBe(0);
    expect(second.events.filter(isType('orphan-ended'))).toMatchObject([{ port: scene.port }]);
    expect(() => process.kill(orphan, 0)).toThrow();
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();
    expect(await scene.story()).toMatchObject({
      state: 'finished',
      runs: 2,
      engineStarts: 2,
      orphansEnded: 1,
      points: { finished: 3 },
    });
  });

  test('kill -9 of the engine in the middle of a point: it restarts and the point is measured again', async () => {
    scene = await Scene.open({ tokenMs: 5 });
    const product = scene.start(scene.runArgs);
    const point = await product.event(isType('point-started'));
    process.kill(await scene.enginePid(), 'SIGKILL');
    expect(await product.exited, product.stderr).toBe(0);
    const story = await scene.story();
    expect(story).toMatchObject({ state: 'finished', engineStarts: 2, points: { finished: 3, failed: 0 } });
    expect(
      story.sessions.flatMap(({ points }) => points).find(({ id }) => id === point.pointId),
    ).toMatchObject({
      attempts: 2,
      state: 'finished',
      failures: [{ failureClass: 'engine-died', next: 'same-node' }],
    });
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();
  });

  test('SIGTERM during provisioning exits at once, and the sweep can be resumed', async () => {
    scene = await Scene.open();
    // Another process has been installing the engine for a while and is not finished.
    const engines = join(scene.folder, 'cache', 'engines');
    const [engine] = await readdir(engines);
    const lockFile = join(engines, `${engine}.lock`);
    const { tryLock } = await import('../src/process/lock.ts');
    const release = await tryLock(lockFile);
    if (typeof release !== 'function') throw new Error('the lock is taken');
    const first = scene.start(scene.runArgs);
    await first.event(isType('provision-progress'));
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(130);
    await release();
    await scene.expectNoOrphan();
    expect(await scene.story()).toMatchObject({ state: 'interrupted', engineStarts: 0 });

    const second = scene.start(scene.resumeArgs);
    expect(await second.exited, second.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled();
  });
});

describe('an engine that cannot be used', () => {
  async function run(behaviour: StandInBehaviour, args: readonly string[] = []) {
    scene = await Scene.open(behaviour, { changes: onePoint });
    return await scene.runToEnd(args);
  }

  test('that dies on start is reported with its last log lines and is not restarted', async () => {
    const { code, story } = await run({ fault: 'dies-on-start' });
    expect(code).toBe(1);
    expect(story).toMatchObject({ engineStarts: 1, points: { failed: 1 } });
    expect(story.sessions[0]?.failures).toMatchObject([
      {
        failureClass: 'died-on-start',
        message: 'the engine exited with exit code 1: error: the weights are for another device',
      },
    ]);
  });
});

describe('bad input gives one clear error', () => {
  async function fails(args: readonly string[], env: Record<string, string> = {}) {
    const { code, stdout, stderr } = await runProduct(args, { cwd: scene.folder, env });
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/^\s+at /m);
    return { code, errors: stderr.split('\n').filter((line) => line.startsWith('error: ')) };
  }

  test('an unknown field in YAML, with its position and a suggestion', async () => {
    scene = await Scene.open();
    await writeFile(join(scene.folder, 'master.yaml'), 'a-key:\n  image: npm:x@1\n  modle: org/name\n');
    const { code, errors } = await fails(['plan', '--config-files', 'master.yaml', '--config-keys', 'a-key']);
    expect(code).toBe(2);
    expect(errors).toContain("error: master.yaml:3:3: unknown field 'modle' (did you mean 'model'?)");
  });

  test('a port held by another process', async () => {
    scene = await Scene.open();
    const holder = createServer().listen(scene.port, '127.0.0.1');
    try {
      const { code, errors } = await fails(scene.runArgs);
      const name = (await readFile(`/proc/${process.pid}/comm`, 'utf8')).trim();
      expect(code).toBe(2);
      expect(errors).toEqual([
        `error: port ${scene.port} on 127.0.0.1 is in use by process ${process.pid} (${name}), which InferenceMAX did not start (stop it, or choose another port with --port)`,
      ]);
    } finally {
      holder.close();
    }
  });

  test('a Node version that is too old, with the required version', async () => {
    scene = await Scene.open();
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.0' } })`;
    await writeFile(join(scene.folder, 'old-node.cjs'), pretend);
    const { code, stderr } = await runProduct(['--help'], {
      cwd: scene.folder,
      env: { NODE_OPTIONS: '--require ./old-node.cjs' },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^inferencemax needs Node 22\.18 or later; this is Node 20\.11\.0/);
  });

  test('a container image, which the local launcher cannot run', async () => {
    scene = await Scene.open({}, { changes: { image: 'vllm/vllm-openai:v0.13.0' } });
    const { code, stderr } = await runProduct(scene.runArgs, { cwd: scene.folder });
    expect(code).toBe(2);
    expect(stderr).toContain(
      "(launcher local) starts engines outside containers, and image 'vllm/vllm-openai:v0.13.0' is not an engine that can be installed or is present",
    );
  });
});
