import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { type AugustConfig, august as contract, type RunnerPools } from '../../config/index.ts';
import { generatedEntrySchema, isAgentic, isMultiNode } from '../../identity/index.ts';
import type { SweepFilters } from '../decision.ts';
import { limitedOfTraces, limitedOnNode, limitedOnNodes } from './concurrency.ts';
import { budgetOnNode, budgetOnNodes } from './dram.ts';
import { august } from './index.ts';
import { matchesShellPattern } from './shell-pattern.ts';

const positive = (max: number) => fc.integer({ min: 1, max });
const range = fc
  .tuple(positive(512), positive(512))
  .map(([a, b]) => ({ 'conc-start': Math.min(a, b), 'conc-end': Math.max(a, b) }));
const list = fc.array(positive(512), { minLength: 1, maxLength: 5 }).map((concs) => ({ 'conc-list': concs }));
const limits = fc
  .record({ a: fc.integer({ min: -2, max: 600 }), b: fc.integer({ min: -2, max: 600 }), which: fc.nat(3) })
  .map(({ a, b, which }): SweepFilters => {
    const [minConc, maxConc] = [Math.min(a, b), Math.max(a, b)];
    return [{}, { minConc }, { maxConc }, { minConc, maxConc }][which] ?? {};
  });

function concsOf(limited: ReturnType<typeof limitedOnNode>): readonly number[] {
  return 'concs' in limited ? limited.concs : [];
}

describe('concurrencies under limits', () => {
  test.each([
    ['fixed lengths on one node', limitedOnNode],
    ['fixed lengths on several', limitedOnNodes],
    ['traces', limitedOfTraces],
  ] as const)('of %s are never above, and without limits all of them', (_, limited) => {
    fc.assert(
      fc.property(fc.oneof(range, list), limits, (item, filters) => {
        const concs = concsOf(limited(item, filters));
        const all = concsOf(limited(item, {}));
        expect(concs.every((conc) => conc <= (filters.maxConc ?? conc))).toBe(true);
        expect(all.at(-1)).toBe('conc-end' in item ? item['conc-end'] : item['conc-list'].at(-1));
        if (limited === limitedOfTraces) expect(all).toEqual(expect.arrayContaining([...concs]));
      }),
    );
  });

  test('a range keeps its end, or has the limit for one', () => {
    fc.assert(
      fc.property(range, positive(600), (item, maxConc) => {
        const concs = concsOf(limitedOnNode(item, { maxConc }));
        expect(concs.at(-1)).toBe(Math.min(item['conc-end'], maxConc));
        expect(concs).toEqual([...new Set(concs)].toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('the memory that a cache is offloaded to', () => {
  const node = fc.record({ dramMib: positive(4_000_000), gpus: fc.constantFrom(4, 8) });
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  const offload = (hardware: { readonly dramMib: number; readonly gpus: number }, utilization: number) => {
    const pools: RunnerPools = Object.assign(new Map([['cluster:a', ['a_0']]]), {
      hardware: new Map([['cluster:a', hardware]]),
    });
    return { key: 'k', path: [], runner: 'cluster:a', utilization, pools };
  };

  test('is never more than the engine’s share of its node, and all of it for whole nodes', () => {
    fc.assert(
      fc.property(node, share, fc.constantFrom(1, 2, 4), (hardware, utilization, tp) => {
        const gb = budgetOnNode({ tp }, offload(hardware, utilization));
        const whole = budgetOnNode({ tp: hardware.gpus }, offload(hardware, utilization));
        expect(gb).toBeLessThanOrEqual(
          (hardware.dramMib * 1_048_576 * utilization * tp) / hardware.gpus / 1e9,
        );
        expect(whole).toBeLessThanOrEqual(3_000 * utilization);
        expect(gb * (hardware.gpus / tp)).toBeLessThanOrEqual(whole);
        const workers = { 'num-worker': 3, tp: hardware.gpus, pp: 2, ep: 1, 'dp-attn': false };
        expect(budgetOnNodes(workers, offload(hardware, utilization))).toBe(whole);
      }),
    );
  });

  test.each([
    [
      'an engine of more GPUs than a node has',
      () => budgetOnNode({ tp: 8, pp: 2 }, offload({ dramMib: 1, gpus: 8 }, 1)),
    ],
    [
      'a worker that does not divide a node',
      () =>
        budgetOnNodes(
          { 'num-worker': 1, tp: 3, ep: 1, 'dp-attn': false },
          offload({ dramMib: 1, gpus: 4 }, 1),
        ),
    ],
    [
      'a fleet of which nothing is known',
      () => budgetOnNode({ tp: 1 }, { ...offload({ dramMib: 1, gpus: 8 }, 1), runner: 'cluster:b' }),
    ],
  ])('%s is refused, by the config', (_, budget) => {
    expect(budget).toThrow(/config 'k': .*(GPUs|memory)/);
  });
});

test.each([
  ['dsr1-fp8-*', 'dsr1-fp8-b200', true],
  ['dsr1-fp?-b200', 'dsr1-fp8-b200', true],
  ['dsr1-fp[48]-*', 'dsr1-fp8-b200', true],
  ['dsr1-fp[!8]-*', 'dsr1-fp8-b200', false],
  ['dsr1-fp[4-9]*', 'dsr1-fp8-b200', true],
  ['dsr1-fp[9-4]*', 'dsr1-fp8-b200', false],
  ['dsr1-fp[48]-b200', 'dsr1-fp8-b200', false],
  ['dsr1-fp[48]-b200', 'dsr1-fp[48]-b200', true],
  ['a[]]?', 'a]b', true],
  ['a[*', 'a[b', true],
  ['qwen3.5*', 'qwen3x5', false],
])('the shell pattern %s and the key %s', (pattern, key, is) => {
  expect(matchesShellPattern(key, pattern)).toBe(is);
});

const item = fc
  .tuple(range, fc.constantFrom(1, 2, 4, 8), fc.boolean())
  .map(([concs, tp, attention]) => ({ ...concs, tp, 'dp-attn': attention }));
const agentic = fc.tuple(range, fc.constantFrom(1, 2, 4, 8), fc.boolean()).map(([concs, tp, offloads]) => {
  const plain = { ...concs, tp, 'kv-offloading': 'none' };
  return offloads ? { ...plain, 'kv-offloading': 'dram', 'kv-offload-backend': { name: 'native' } } : plain;
});
const config = fc
  .record({
    fixed: fc.array(item, { minLength: 1, maxLength: 3 }),
    traces: fc.array(agentic, { maxLength: 3 }),
    isl: fc.constantFrom(1024, 8192),
  })
  .map(
    ({ fixed, traces, isl }): AugustConfig =>
      contract.schemas().config.parse({
        image: 'i',
        model: 'm',
        'model-prefix': 'p',
        precision: 'fp4',
        framework: 'vllm',
        runner: 'cluster:a',
        multinode: false,
        scenarios: {
          'fixed-seq-len': [{ isl, osl: 1024, 'search-space': fixed }],
          'agentic-coding': [{ 'dram-utilization': 0.9, 'search-space': traces }],
        },
      }),
  );
const configs = fc
  .array(config, { minLength: 1, maxLength: 3 })
  .map((all) => new Map(all.map((one, index) => [`k-${index}`, one])));
const pools: RunnerPools = Object.assign(new Map([['cluster:a', ['a-x_0', 'a-y_1']]]), {
  hardware: new Map([['cluster:a', { dramMib: 1_000_000, gpus: 8 }]]),
});
const sweep = (all: Map<string, AugustConfig>, filters: SweepFilters) =>
  august.sweep(all, pools, filters, ['single', 'multi']).flatMap(({ entries }) => entries);

describe('a full sweep', () => {
  test('survives being printed and read again', () => {
    fc.assert(
      fc.property(configs, (all) => {
        const entries = sweep(all, { evals: { only: false, all: false } });
        expect(generatedEntrySchema.array().parse(JSON.parse(JSON.stringify(entries)))).toEqual(entries);
      }),
      { numRuns: runs(20) },
    );
  });

  test('with checks only has those that are marked in the one with everything, fixed lengths from 16 on', () => {
    fc.assert(
      fc.property(configs, (all) => {
        const marked = sweep(all, { evals: { only: false, all: false } }).filter(
          (entry) => entry['run-eval'] === true,
        );
        const only = sweep(all, { evals: { only: true, all: false }, scenarios: ['fixed-seq-len'] });
        expect(only).toEqual(marked.map((entry) => ({ ...entry, 'eval-only': true })));
        for (const entry of marked)
          expect(!isAgentic(entry) && !isMultiNode(entry) && entry.isl === 8192 && entry.conc >= 16).toBe(
            true,
          );
      }),
      { numRuns: runs(20) },
    );
  });

  test('drops what is above --max-tp, and lowers what is above --max-ep, of fixed lengths alone', () => {
    fc.assert(
      fc.property(configs, positive(8), (all, limit) => {
        const [everything, limited] = [sweep(all, {}), sweep(all, { maxTp: limit, maxEp: limit })];
        expect(limited.filter(isAgentic)).toEqual(everything.filter(isAgentic));
        const tps = (entries: typeof limited) =>
          entries.flatMap((entry) => (isAgentic(entry) || isMultiNode(entry) ? [] : [entry.tp]));
        expect(tps(limited)).toEqual(tps(everything).filter((tp) => tp <= limit));
      }),
      { numRuns: runs(20) },
    );
  });

  test('of nodes has every entry once for each of them', () => {
    fc.assert(
      fc.property(configs, fc.constantFrom('a-', 'x_0', 'zzz'), (all, nodeFilter) => {
        const nodes = ['a-x_0', 'a-y_1'].filter((node) => node.includes(nodeFilter));
        const entries = sweep(all, { nodeFilter });
        expect(entries).toHaveLength(sweep(all, {}).length * nodes.length);
        expect(entries.every(({ runner }) => nodes.includes(runner))).toBe(true);
      }),
      { numRuns: runs(20) },
    );
  });
});
