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

  test('that is not ready by the deadline is stopped, and its last output is reported', async () => {
    const { code, product, story } = await run({ fault: 'never-ready' }, ['--ready-timeout', '3']);
    expect(code).toBe(1);
    expect(product.stderr).toContain('error: no point was measured');
    expect(story.sessions).toMatchObject([
      { state: 'failed', starts: 1, failures: [{ failureClass: 'never-ready', next: 'give-up' }] },
    ]);
    expect(story.sessions[0]?.failures[0]?.logTail).toContain('loading');
  });

  test('that listens but never answers fails at the stall timeout instead of waiting forever', async () => {
    const { code, story } = await run({ fault: 'silent', afterRequests: 5 }, ['--deadline', 'stalled=0.5']);
    expect(code).toBe(1);
    const failures = story.sessions.flatMap(({ points }) => points.flatMap((point) => point.failures));
    expect(failures).toMatchObject([
      { failureClass: 'stalled', next: 'same-node' },
      { failureClass: 'stalled', next: 'give-up' },
    ]);
    // The second try got a new engine: a stalled engine gets no more requests.
    expect(story.engineStarts).toBe(2);
  });

  test('that closes its port but stays alive is restarted after the timeout', async () => {
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

  test('that answers 500 is reported with its response', async () => {
    const { code, story } = await run({ fault: 'errors' }, ['--retries', 'load-test=0']);
    expect(code).toBe(1);
    expect(story.points).toMatchObject({ failed: 1 });
    expect(story.sessions[0]?.points[0]?.failures).toMatchObject([
      { failureClass: 'load-test', message: expect.stringContaining('the device does not answer') },
    ]);
  });

  test('that dies at every point is given up after three starts without a result', async () => {
    const { code, story } = await run({ fault: 'dies' }, ['--retries', 'engine-died=9']);
    expect(code).toBe(1);
    expect(story).toMatchObject({ engineStarts: 3, points: { failed: 1 } });
    expect(story.sessions[0]?.failures).toMatchObject([
      { message: expect.stringMatching(/^3 starts served no point/) },
    ]);
  });

  test('that leaks until the kernel kills it has its own failure class', async () => {
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
