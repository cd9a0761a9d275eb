import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Scene } from './stand-in/scene.ts';
import type { PrintedEvent } from './support/product.ts';

let scene: Scene;
const unmounts: (() => void)[] = [];
afterEach(async () => {
  for (const unmount of unmounts.splice(0)) unmount();
  await scene[Symbol.asyncDispose]();
});

const isType = (type: string) => (event: PrintedEvent) => event.type === type;
const waitsForRoom = (event: PrintedEvent) =>
  event.type === 'waiting' && String(event.what).includes('room on the disk');

/** Whether a file system of a given size can be created here. */
const canMount = (() => {
  const probe = '/tmp/inferencemax-mount-probe';
  try {
    execFileSync('mkdir', ['-p', probe]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!canMount)('a full disk (skipped: no permission to mount a small one)', () => {
  /** A scene whose runs are on a small separate disk. */
  async function onASmallDisk() {
    scene = await Scene.open({ tokenMs: 2 });
    const runs = join(scene.folder, '.inferencemax', 'runs');
    await mkdir(runs, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', runs]);
    unmounts.push(() => execFileSync('umount', ['-l', runs]));
    return runs;
  }

  /** Fills the disk; resolves to a function that frees the space again. */
  async function fill(disk: string): Promise<() => Promise<void>> {
    const filler = join(disk, '.filler');
    await mkdir(filler);
    for (let size = 1 << 20, index = 0; size >= 1; index++) {
      const written = await writeFile(join(filler, String(index)), Buffer.alloc(size)).then(
        () => true,
        () => false,
      );
      if (!written) size = Math.floor(size / 2);
    }
    return async () => await rm(filler, { recursive: true });
  }

  test('pauses the sweep; results measured meanwhile are written once there is space', async () => {
    const runs = await onASmallDisk();
    const product = scene.start(scene.runArgs);
    await product.event(isType('point-started'));
    const makeRoom = await fill(runs);
    await product.event(waitsForRoom);
    await makeRoom();
    expect(await product.exited, product.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();
    expect((await scene.story()).points).toMatchObject({ finished: 3, failed: 0 });
  });

  test('that stays full stops the sweep and its engine, is recorded in the journal, and loses nothing', async () => {
    const runs = await onASmallDisk();
    const product = scene.start([...scene.runArgs, '--deadline', 'disk-full=0.5']);
    await product.event(isType('point-finished'));
    const makeRoom = await fill(runs);
    expect(await product.exited).toBe(1);
    expect(product.stderr).toMatch(
      /error: cannot write .*ENOSPC.*\nno finished point is lost; free some space/,
    );
    await scene.expectNoOrphan();
    const before = await scene.story();
    expect(before).toMatchObject({ state: 'stopped', stopped: { failureClass: 'disk-full' } });
    expect(before.points.finished).toBeGreaterThanOrEqual(1);

    await makeRoom();
    const resumed = scene.start(scene.resumeArgs);
    expect(await resumed.exited, resumed.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled();
    expect(await scene.story()).toMatchObject({ state: 'finished', runs: 2, points: { finished: 3 } });
  });
});

const faketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

test.skipIf(!existsSync(faketime))(
  'setting the clock a day forward and three days back changes no duration (skipped: no libfaketime)',
  async () => {
    scene = await Scene.open({ tokenMs: 5 });
    const clock = join(scene.folder, 'clock');
    await writeFile(clock, '+0');
    const product = scene.start(scene.runArgs, {
      LD_PRELOAD: faketime,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    });
    await product.event(isType('point-started'));
    await writeFile(clock, '+1d');
    await product.event(isType('point-finished'));
    await writeFile(clock, '-3d');
    expect(await product.exited, product.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();

    const times = (await scene.journal()).map(({ at }) => Date.parse(at));
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(3 * 86_400_000);
    const story = await scene.story();
    expect(story.elapsedS).toBeGreaterThan(0);
    expect(story.elapsedS).toBeLessThan(120);
    for (const { engineS } of story.sessions) expect(engineS).toBeLessThan(120);
    const [sweep] = await scene.sweeps();
    const raw = z.object({ duration: z.number(), median_e2el_ms: z.number() });
    for (const name of await readdir(join(sweep ?? '', 'raw'))) {
      const { duration, median_e2el_ms } = raw.parse(
        JSON.parse(await readFile(join(sweep ?? '', 'raw', name), 'utf8')),
      );
      expect(duration).toBeLessThan(60);
      expect(median_e2el_ms).toBeGreaterThan(0);
    }
  },
);
