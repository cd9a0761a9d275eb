import { describe, expect, test } from 'vitest';
import { configKey, Scene } from './stand-in/scene.ts';

describe('--resume after the configs have changed', () => {
  const slow = { tokenMs: 8 };

  test('keeps what was measured and is asked for no longer', async () => {
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
      '0 points go on, 1 point is new, 2 points are dropped, 1 point is no longer asked for and kept as measured',
    );
    expect((await scene.story()).points).toMatchObject({ finished: 2, waiting: 0 });
  });

  test('refuses to mix what was measured before a change with what would be measured after it', async () => {
    await using scene = await Scene.open(slow);
    const sweepId = await scene.interruptedSweep();
    const { text, write } = await scene.config();
    await write(text.replaceAll('npm:stand-in@1.0.0', 'npm:stand-in@1.0.1'));

    const refused = scene.start(scene.resumeArgs);
    expect(await refused.exited).toBe(2);
    expect(refused.stderr).toBe(
      `error: sweep ${sweepId} cannot go on with the configs as they are now (image npm:stand-in@1.0.0 is now npm:stand-in@1.0.1): 1 of its points was measured as they said before, and one sweep does not mix the two (start a new one with \`inferencemax run --config-keys ${configKey}\`, or go on as it was planned with \`inferencemax run --resume ${sweepId} --as-planned\`)\n`,
    );
    const asPlanned = scene.start([...scene.resumeArgs, '--as-planned']);
    expect(await asPlanned.exited, asPlanned.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled();
  });
});
