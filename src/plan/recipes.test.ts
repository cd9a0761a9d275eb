import { describe, expect, test } from 'vitest';
import { someEntry } from '../../test/support/some-entry.ts';
import { chooseRecipe, loadRecipes } from './recipes.ts';
import { planSessions } from './session.ts';

const gptoss = {
  ...someEntry,
  'model-prefix': 'gptoss',
  precision: 'fp4',
  model: 'openai/gpt-oss-120b',
  tp: 1,
};
const gpu = { hasAccelerators: true, isRunning: false, memoryBytes: 80e9 };
const llama = {
  contextTokens: 2000,
  attentionHeads: 32,
  dtype: 'bfloat16',
  weightBytes: 16e9,
  hasOwnCode: true,
};

describe('the recipe of an entry', () => {
  test("is its own, or that of its pool's GPU, or the generic recipe of its engine", () => {
    const of = (hardware: string, entry = gptoss) => chooseRecipe({ entry, hardware, facts: gpu });
    expect(of('h200')).toMatchObject({ is: 'own', name: 'gptoss_fp4_h200_vllm' });
    expect(of('h200-lab')).toMatchObject({ is: 'of its hardware', name: 'gptoss_fp4_h200_vllm' });
    expect(of('rtx4090')).toMatchObject({ is: 'generic', name: 'generic/vllm' });
    expect(of('h200', { ...gptoss, framework: 'atom' })).toBeUndefined();
  });

  test('is not needed for an external server', () => {
    const facts = { ...gpu, isRunning: true };
    expect(chooseRecipe({ entry: gptoss, hardware: 'h200', facts })).toMatchObject({
      is: 'of a running server',
    });
  });

  test('is not generic if the entry has fields that the generic recipe does not use', () => {
    const entry = { ...gptoss, pp: 2 };
    expect(chooseRecipe({ entry, hardware: 'rtx4090', facts: gpu })).toBeUndefined();
  });
});

async function planned(framework: string, changed = {}, facts: object = { model: llama }) {
  const entries = [1, 8].map((conc) => ({ ...someEntry, framework, tp: 2, conc, ...changed }));
  const hardware = 'rtx4090';
  const recipes = await loadRecipes(
    entries.map((entry) => ({ entry, hardware, facts: { ...gpu, ...facts } })),
  );
  return planSessions(entries, { recipes, hardwareOf: () => hardware }).sessions;
}

describe('a generic recipe', () => {
  test('of vLLM is derived from the model and the config, with reasons, and one start serves all concurrencies', async () => {
    const [session, ...others] = await planned('vllm');
    expect(others).toEqual([]);
    expect(session?.server.args.join(' ')).toBe(
      '--tensor-parallel-size 2 --max-model-len 2000 --no-enable-prefix-caching --trust-remote-code --max-num-seqs 8',
    );
    expect(session?.reasons?.['--max-model-len']).toContain('of the 2000 tokens that the model can hold');
    expect(session?.reasons?.['--tensor-parallel-size']).toContain('weights of 16.0 GB, 80.0 GB in each GPU');
    expect(session?.points.map(({ recipe }) => recipe)).toEqual(['generic', 'generic']);
  });

  test('of vLLM on a CPU reserves the KV cache space that it needs', async () => {
    const cpu = { hasAccelerators: false, model: { ...llama, kvBytesPerToken: 131_072 } };
    const [session] = await planned('vllm', {}, cpu);
    expect(session?.server.env).toEqual({ VLLM_CPU_KVCACHE_SPACE: '2' });
    expect(session?.server.args).toContain('--enforce-eager');
    expect(session?.server.args).not.toContain('--tensor-parallel-size');
  });

  test.each([
    ['sglang', '--context-length 2000'],
    ['trt', '--max_seq_len 2000'],
    ['llama.cpp', '--ctx-size 16000 --n-gpu-layers 999'],
  ])(
    'of %s sets the context length that it needs, and one start serves all concurrencies',
    async (framework, flags) => {
      const [session, ...others] = await planned(framework);
      expect(others).toEqual([]);
      expect(session?.server.args.join(' ')).toContain(flags);
    },
  );

  test('of a model that is not downloaded yet follows the config', async () => {
    const [session] = await planned('vllm', {}, {});
    expect(session?.server.args.join(' ')).toContain('--max-model-len 2248');
  });
});

test('dummy weights make another session, and need no support in the recipe', async () => {
  const entries = [gptoss, { ...gptoss, 'load-format': 'dummy' }];
  const recipes = await loadRecipes(entries.map((entry) => ({ entry, hardware: 'h200' })));
  const { sessions } = planSessions(entries, { recipes, hardwareOf: () => 'h200' });
  expect(sessions.map(({ dummyWeights }) => dummyWeights)).toEqual([undefined, true]);
});
