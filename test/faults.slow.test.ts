import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { behave } from './stand-in/engine.ts';
import { Scene } from './stand-in/scene.ts';
import type { PrintedEvent } from './support/product.ts';

let scene: Scene;
afterEach(async () => await scene[Symbol.asyncDispose]());

const isType = (type: string) => (event: PrintedEvent) => event.type === type;

describe('events in the middle of a sweep', () => {
  test('if the reader of the events goes away, the run stops like after Ctrl-C: nothing is lost, no engine is left', async () => {
    scene = await Scene.open({ tokenMs: 5 });
    const first = scene.start(scene.runArgs);
    await first.event(isType('point-finished'));
    first.child.stderr?.destroy();
    expect(await first.exited).toBe(130);
    await scene.expectNoOrphan();
    expect(await scene.story()).toMatchObject({ state: 'interrupted', running: false });

    const second = scene.start(scene.resumeArgs);
    // The output at the end of a sweep has no reader; the results must be stored anyway.
    second.child.stdout?.destroy();
    expect(await second.exited, second.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();
    expect(await scene.story()).toMatchObject({ state: 'finished', runs: 2, points: { finished: 3 } });
  });

  test('when the first sweep is killed, a waiting sweep continues immediately and stops the orphaned engine', async () => {
    scene = await Scene.open({ tokenMs: 20 });
    const first = scene.start(scene.runArgs);
    await first.event(isType('point-started'));
    const second = scene.start(scene.runArgs);
    await second.event(isType('node-taken'));
    await behave(scene.folder, {});
    first.child.kill('SIGKILL');
    expect(await second.exited, second.stderr).toBe(0);
    expect(second.events.filter(isType('orphan-ended'))).toHaveLength(1);
    await scene.expectNoOrphan();
  });
});

describe('several nodes', () => {
  const twoServers = {
    'seq-len-configs': [
      { isl: 32, osl: 16, 'search-space': [{ tp: 1, 'conc-list': [1, 9] }] },
      { isl: 16, osl: 24, 'search-space': [{ tp: 1, 'conc-list': [10, 11] }] },
    ],
  };

  test('a node on which sessions fail is quarantined, and another node measures its sessions', async () => {
    scene = await Scene.open({}, { nodes: 2, changes: twoServers });
    await behave(scene.folder, { fault: 'dies-on-start', breaksOn: String(scene.port) });
    const product = scene.start(scene.runArgs);
    expect(await product.exited, product.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled(4);
    await scene.expectNoOrphan();
    const story = await scene.story();
    expect(story.points).toMatchObject({ finished: 4, failed: 0 });
    expect(story.nodes).toMatchObject([
      { name: 'cpu-local_0', quarantined: expect.stringContaining('it failed') },
      { name: 'cpu-local_1', failures: 0 },
    ]);
    const moved = story.sessions.filter(({ nodes }) => nodes.length === 2);
    expect(moved.length).toBeGreaterThan(0);
    for (const { failures } of moved)
      expect(failures).toMatchObject([{ node: 'cpu-local_0', next: 'other-node' }]);
  });

  test('sessions run in parallel, one per node', async () => {
    scene = await Scene.open({ tokenMs: 3 }, { nodes: 2, changes: twoServers });
    const product = scene.start(scene.runArgs);
    expect(await product.exited, product.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled(4);
    await scene.expectNoOrphan();
    const story = await scene.story();
    expect(story.nodes.map(({ name, starts }) => [name, starts])).toEqual([
      ['cpu-local_0', 2],
      ['cpu-local_1', 2],
    ]);
    const at = (sessionId: string, type: string): string =>
      String(product.events.find((event) => event.type === type && event.sessionId === sessionId)?.at);
    const overlapping = story.sessions.filter(({ id }) =>
      story.sessions.some(
        (other) =>
          other.id !== id &&
          at(id, 'engine-starting') < at(other.id, 'engine-stopped') &&
          at(other.id, 'engine-starting') < at(id, 'engine-stopped'),
      ),
    );
    expect(overlapping.length).toBeGreaterThan(1);
  });
});

describe('two sweeps at once', () => {
  test('on one node: the second waits, says for which sweep, and measures after the first', async () => {
    scene = await Scene.open({ tokenMs: 5, startLog: 'starts' });
    await behave(scene.folder, { tokenMs: 5, startLog: join(scene.folder, 'starts') });
    const first = scene.start(scene.runArgs);
    await first.event(isType('engine-ready'));
    const [firstSweep] = await scene.sweeps();
    const second = scene.start(scene.runArgs);
    const taken = await second.event(isType('node-taken'));
    expect(taken).toMatchObject({
      node: 'cpu-local_0',
      pid: first.child.pid,
      by: firstSweep?.split('/').at(-1),
    });
    expect([await first.exited, await second.exited], second.stderr).toEqual([0, 0]);
    const at = (product: typeof first, type: string) => String(product.events.find(isType(type))?.at);
    expect(at(second, 'engine-starting') > at(first, 'engine-stopped')).toBe(true);
    expect((await readFile(join(scene.folder, 'starts'), 'utf8')).trim().split('\n')).toHaveLength(2);
    await scene.expectNoOrphan();
  });
});
