import { afterEach, describe, expect, test } from 'vitest';
import type { StandInBehaviour } from './stand-in/engine.ts';
import { onePoint, Scene } from './stand-in/scene.ts';

let scene: Scene;
afterEach(async () => await scene[Symbol.asyncDispose]());

describe('an engine that cannot be used', () => {
  async function run(behaviour: StandInBehaviour, args: readonly string[] = []) {
    scene = await Scene.open(behaviour, { changes: onePoint });
    return await scene.runToEnd(args);
  }

  test('that is not ready by its deadline is stopped, with what it said last', async () => {
    const { code, product, story } = await run({ fault: 'never-ready' }, ['--ready-timeout', '3']);
    expect(code).toBe(1);
    expect(product.stderr).toContain('error: no point was measured');
    expect(story.sessions).toMatchObject([
      { state: 'failed', starts: 1, failures: [{ failureClass: 'never-ready', next: 'give-up' }] },
    ]);
    expect(story.sessions[0]?.failures[0]?.logTail).toContain('loading');
  });

  test('that listens but never answers is found out by the stall deadline, not by waiting for ever', async () => {
    const { code, story } = await run({ fault: 'silent', afterRequests: 5 }, ['--deadline', 'stalled=0.5']);
    expect(code).toBe(1);
    const failures = story.sessions.flatMap(({ points }) => points.flatMap((point) => point.failures));
    expect(failures).toMatchObject([
      { failureClass: 'stalled', next: 'same-node' },
      { failureClass: 'stalled', next: 'give-up' },
    ]);
    // The second try got a fresh engine: what stopped answering is not asked again.
    expect(story.engineStarts).toBe(2);
  });

  test('that closes its port and stays alive is given its deadline, then a fresh start', async () => {
    const { code, story } = await run({ fault: 'deaf', afterRequests: 5 }, [
      '--deadline',
      'stalled=0.5',
      '--deadline',
      'unreachable=0.5',
    ]);
    expect(code).toBe(1);
    const failures = story.sessions.flatMap(({ points }) => points.flatMap((point) => point.failures));
    expect(failures).toMatchObject([
      { failureClass: 'unreachable', next: 'same-node' },
      { failureClass: 'unreachable', next: 'give-up' },
    ]);
    expect(story.engineStarts).toBe(2);
  });

  test('that answers 500 is told by what it answered', async () => {
    const { code, story } = await run({ fault: 'errors' }, ['--retries', 'load-test=0']);
    expect(code).toBe(1);
    expect(story.points).toMatchObject({ failed: 1 });
    expect(story.sessions[0]?.points[0]?.failures).toMatchObject([
      { failureClass: 'load-test', message: expect.stringContaining('the device does not answer') },
    ]);
  });

  test('that dies at every point is given up after three starts that served none', async () => {
    const { code, story } = await run({ fault: 'dies' }, ['--retries', 'engine-died=9']);
    expect(code).toBe(1);
    expect(story).toMatchObject({ engineStarts: 3, points: { failed: 1 } });
    expect(story.sessions[0]?.failures).toMatchObject([
      { message: expect.stringMatching(/^3 starts served no point/) },
    ]);
  });

  test('that leaks until it is ended for want of memory is a class of its own', async () => {
    scene = await Scene.open({ fault: 'leaks', afterRequests: 5 }, { changes: onePoint });
    const product = scene.start([...scene.runArgs, '--retries', 'out-of-memory=0'], {
      NODE_OPTIONS: '--max-old-space-size=128',
    });
    expect(await product.exited).toBe(1);
    await scene.expectNoOrphan();
    const failures = (await scene.story()).sessions.flatMap(({ points }) =>
      points.flatMap((point) => point.failures),
    );
    expect(failures[0]).toMatchObject({
      failureClass: 'out-of-memory',
      logTail: expect.stringContaining('heap'),
    });
  });
});
