import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configKey, onePoint, Scene } from './stand-in/scene.ts';
import { runProduct } from './support/product.ts';

describe('--resume after the configs have changed', () => {
  const slow = { tokenMs: 8 };

  test('keeps measured points that are no longer requested', async () => {
    await using scene = await Scene.open(slow);
    await scene.interruptedSweep();
    const { text, write } = await scene.config();
    const changed = JSON.parse(text);
    const [first] = (await scene.story()).sessions.flatMap(({ points }) =>
      points.filter(({ state }) => state === 'finished'),
    );
    const blocks: { isl: number }[] = changed[configKey]['seq-len-configs'];
    changed[configKey]['seq-len-configs'] = [
      { ...blocks.find(({ isl }) => isl === first?.isl), 'search-space': [{ tp: 1, 'conc-list': [4] }] },
    ];
    await write(JSON.stringify(changed));

    const resumed = scene.start(scene.resumeArgs);
    expect(await resumed.exited, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain(
      '0 points continue, 1 point is new, 2 points are dropped, 1 point is no longer requested, and kept as measured',
    );
    expect((await scene.story()).points).toMatchObject({ finished: 2, waiting: 0 });
  });

  test('refuses to mix points measured before and after a change', async () => {
    await using scene = await Scene.open(slow);
    const sweepId = await scene.interruptedSweep();
    const { text, write } = await scene.config();
    await write(text.replaceAll('npm:stand-in@1.0.0', 'npm:stand-in@1.0.1'));

    const refused = scene.start(scene.resumeArgs);
    expect(await refused.exited).toBe(2);
    expect(refused.stderr).toBe(
      `error: sweep ${sweepId} cannot continue with the current configs (image npm:stand-in@1.0.0 is now npm:stand-in@1.0.1): 1 of its points was measured with the old configs, and a sweep cannot mix both (start a new one with \`inferencemax run --config-keys ${configKey}\`, or continue with the original plan: \`inferencemax run --resume ${sweepId} --as-planned\`)\n`,
    );
    const asPlanned = scene.start([...scene.resumeArgs, '--as-planned']);
    expect(await asPlanned.exited, asPlanned.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled();
  });

  test('plans again from the current configs, and reports which points continue, are new or dropped', async () => {
    await using scene = await Scene.open(slow);
    await scene.interruptedSweep();
    const { text, write } = await scene.config();
    const changed = JSON.parse(text);
    changed[configKey]['seq-len-configs'][1]['search-space'] = [{ tp: 1, 'conc-list': [1] }];
    await write(JSON.stringify(changed));

    const resumed = scene.start(scene.resumeArgs);
    expect(await resumed.exited, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain(
      'the configs have changed since this sweep was planned: 2 points continue, 1 point is new, 1 point is dropped',
    );
    expect((await scene.story()).points).toMatchObject({ finished: 3, waiting: 0 });
    expect(resumed.stderr).not.toContain('left out of the store');
    await scene.expectNothingLostOrDoubled();
  });

  test('of a sweep that failed because of its configs continues with the corrected ones', async () => {
    await using scene = await Scene.open({}, { changes: onePoint });
    const { text, write } = await scene.config();
    const [good, bad] = ['weights.json', 'broken.json'].map((name) => join(scene.folder, name));
    await writeFile(bad ?? '', JSON.stringify({ fault: 'dies-on-start' }));
    await write(text.replaceAll(good ?? '', bad ?? ''));
    const failed = scene.start([...scene.runArgs, '--retries', 'died-on-start=0']);
    expect(await failed.exited, failed.stderr).toBe(1);
    await write(text);
    const resumed = scene.start(scene.resumeArgs);
    expect(await resumed.exited, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain(
      `(model ${bad} is now ${good}): 0 points continue, 1 point is new, 1 point is dropped`,
    );
  });

  test('says that it does not plan again if the plan did not come from configs', async () => {
    await using scene = await Scene.open({}, { changes: onePoint });
    const files = ['--config-files', 'master.yaml', '--config-keys', configKey];
    const { stdout } = await runProduct(
      ['generate', 'test-config', ...files, '--runner-config', 'runners.yaml'],
      {
        cwd: scene.folder,
      },
    );
    await writeFile(join(scene.folder, 'entries.json'), stdout);
    const run = scene.start(['run', '--entries', 'entries.json', ...scene.ownArgs]);
    expect(await run.exited).toBe(0);
    const resumed = scene.start(scene.resumeArgs);
    expect(await resumed.exited, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(
      /sweep \S+ continues as planned, regardless of its current configs: it was started with --entries/,
    );
  });
});
