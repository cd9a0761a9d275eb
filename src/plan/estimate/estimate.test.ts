import { describe, expect, test } from 'vitest';
import { someEntry } from '../../../test/support/some-entry.ts';
import { loadGpuConstants } from '../../config/index.ts';
import type { SingleNodeEntry } from '../../identity/index.ts';
import type { Recipe } from '../recipe.ts';
import { planSessions, type Sharing } from '../session.ts';
import { assumedLoadS, estimatePlan, loadAssumptions, predictPoint } from './index.ts';
import { modelShape, weightBytes } from './models.ts';

const processors = { gpus: await loadGpuConstants(), isCpu: (hardware: string) => hardware === 'cpu' };
const known = (value: number | null): number => value ?? Number.NaN;
const base: SingleNodeEntry = {
  ...someEntry,
  model: 'deepseek-ai/DeepSeek-R1-0528',
  'model-prefix': 'dsr1',
  framework: 'sglang',
  'exp-name': 'dsr1_1k1k',
};
const recipe: Recipe = {
  server: ({ entry, maxConc }) => ({
    args: ['--cap', String(maxConc)],
    env: {},
    files: [],
    acceleratorCount: 'tp' in entry ? entry.tp : 1,
  }),
  caps: { '--cap': 'a cap that no measurement reaches' },
};
const plan = (entries: readonly SingleNodeEntry[], sharing: Sharing = 'ranges') =>
  planSessions(entries, { recipes: () => recipe, hardwareOf: ({ runner }) => runner, sharing });
const predict = (changes: Partial<SingleNodeEntry>) => {
  const entry = { ...base, ...changes };
  const server = { args: [], env: {}, files: [], acceleratorCount: entry.tp };
  const predicted = predictPoint({ entry, conc: entry.conc, hardware: entry.runner }, server, processors);
  if (predicted === undefined) throw new Error(`${entry.runner} is not known`);
  return predicted;
};

describe('predictPoint', () => {
  const ladder = [1, 4, 16, 64, 256].map((conc) => predict({ conc }));

  test('at a higher concurrency no user is served faster, and total throughput does not fall', () => {
    const sorted = ladder.toSorted((a, b) => b.interactivity - a.interactivity);
    expect(sorted).toEqual(ladder);
    expect(ladder.toSorted((a, b) => a.tputPerGpu - b.tputPerGpu)).toEqual(ladder);
  });

  test('concurrency is request rate times latency', () => {
    for (const [index, { requestRate, e2elS }] of ladder.entries())
      expect(requestRate * e2elS).toBeCloseTo([1, 4, 16, 64, 256][index] ?? 0, 6);
  });

  test('a GPU with more bandwidth serves a user faster', () => {
    expect(predict({ runner: 'b200' }).interactivity).toBeGreaterThan(predict({}).interactivity);
  });

  test('multi-token prediction serves a user faster', () => {
    expect(predict({ 'spec-decoding': 'mtp' }).interactivity).toBeGreaterThan(predict({}).interactivity);
  });
});

describe('estimatePlan', () => {
  const initS = (framework: string) => (framework === base.framework ? 70 : undefined);
  const context = { ...processors, initS };
  const entries = [4, 8, 16].map((conc) => ({ ...base, conc }));

  test('sharing engine starts saves the repeated model loads', () => {
    const shared = estimatePlan(plan(entries), context);
    const apart = estimatePlan(plan(entries, 'none'), context);
    const [session] = plan(entries).sessions;
    const loadS = session === undefined ? 0 : assumedLoadS(session, initS) + loadAssumptions.stopS;
    expect(known(apart.gpuHours) - known(shared.gpuHours)).toBeCloseTo((8 * 2 * loadS) / 3600, 9);
    expect(shared.gpuHoursPerEntry).toBeCloseTo(known(apart.gpuHours), 9);
    expect(shared.startsPerEntry).toBe(3);
  });

  test('the assumed start time is that of the engine, and is printed', () => {
    const quick = estimatePlan(plan(entries), { ...context, initS: () => 10 });
    const slow = estimatePlan(plan(entries), { ...context, initS: () => 510 });
    expect((slow.sessions[0]?.loadS ?? Number.NaN) - (quick.sessions[0]?.loadS ?? Number.NaN)).toBeCloseTo(
      500,
      9,
    );
    expect(slow.assumptions[0]).toContain(`(${base.framework} 510 s)`);
  });

  test('earlier measurements are used and marked as such, and assumptions are printed only if some were made', () => {
    const history = { loadS: () => 100, requestRate: () => 2 };
    const { sessions, assumptions } = estimatePlan(plan(entries), { ...context, history });
    expect(sessions[0]?.loadBasis).toBe('measured');
    expect(sessions[0]?.points).toEqual([
      { runS: 22, basis: 'measured' },
      { runS: 44, basis: 'measured' },
      { runS: 88, basis: 'measured' },
    ]);
    expect(sessions[0]?.totalS).toBe(100 + loadAssumptions.stopS + 22 + 44 + 88);
    expect(assumptions).toEqual([]);
    expect(estimatePlan(plan(entries), context).assumptions).not.toEqual([]);
  });
});

describe('on a GPU without known constants', () => {
  const context = { ...processors, initS: () => 70 };
  const unknown = estimatePlan(plan([{ ...base, runner: 'rtx4090' }]), context);

  test('nothing is estimated, and the GPU is not treated as a CPU', () => {
    expect(unknown.sessions[0]).toMatchObject({
      totalS: null,
      gpuHours: null,
      points: [{ runS: null, basis: 'unknown' }],
    });
    expect(unknown).toMatchObject({ gpuHours: null, gpuHoursPerEntry: null, nodeHours: null });
  });

  test('a point that was measured before has an estimate', () => {
    const history = { loadS: () => 100, requestRate: () => 2 };
    const { sessions } = estimatePlan(plan([{ ...base, runner: 'rtx4090' }]), { ...context, history });
    expect(sessions[0]?.totalS).toBe(100 + loadAssumptions.stopS + 22);
  });

  test('a pool without accelerators is estimated as a generic CPU', () => {
    const { gpuHours } = estimatePlan(plan([{ ...base, runner: 'cpu' }]), context);
    expect(gpuHours).toBeGreaterThan(0);
  });
});

test("the size of an unknown model's weights is taken from its name", () => {
  expect(weightBytes(modelShape('smollm2', 'org/SmolLM2-135M-Instruct'), 'bf16')).toBe(270e6);
  expect(weightBytes(modelShape('llama', 'meta-llama/Llama-3.3-70B-Instruct'), 'bf16')).toBe(140e9);
});
