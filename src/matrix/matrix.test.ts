import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../test/support/runs.ts';
import type { MasterConfigs, SingleNodeConfig, SingleNodeItem } from '../config/index.ts';
import { isMultiNode, isSingleNode, matrixEntrySchema } from '../identity/index.ts';
import { concurrencies, limitedConcurrencies } from './concurrency.ts';
import type { SweepFilters } from './decision.ts';
import { decide, fullSweep } from './full-sweep.ts';
import { maxJobsPerMatrix, shardsForActions } from './shards.ts';

const positive = (max: number) => fc.integer({ min: 1, max });
const range = fc
  .tuple(positive(512), positive(512))
  .map(([a, b]) => ({ 'conc-start': Math.min(a, b), 'conc-end': Math.max(a, b) }));
const step = fc.integer({ min: 2, max: 10 });

describe('concurrencies of a range', () => {
  test('begin at the start, end at the end, rise, and never by more than the step', () => {
    fc.assert(
      fc.property(range, step, (item, stepSize) => {
        const ladder = concurrencies(item, stepSize);
        expect(ladder[0]).toBe(item['conc-start']);
        expect(ladder.at(-1)).toBe(item['conc-end']);
        for (const [index, conc] of ladder.entries()) {
          const before = ladder[index - 1];
          if (before === undefined) continue;
          expect(conc).toBeGreaterThan(before);
          expect(conc / before).toBeLessThanOrEqual(stepSize);
        }
      }),
    );
  });

  test('under a limit stay below it and lose nothing else', () => {
    fc.assert(
      fc.property(range, step, fc.integer({ min: -5, max: 600 }), (item, stepSize, maxConc) => {
        const limited = limitedConcurrencies(item, stepSize, maxConc);
        if (maxConc <= 0) expect(limited).toEqual([]);
        else if (maxConc >= item['conc-end']) expect(limited).toEqual(concurrencies(item, stepSize));
        else expect(limited.at(-1)).toBe(maxConc);
        expect(limited.every((conc) => conc <= maxConc)).toBe(true);
      }),
    );
  });
});

const item: fc.Arbitrary<SingleNodeItem> = fc
  .record({ range, tp: fc.constantFrom(1, 2, 4, 8), ep: fc.constantFrom(1, 4, 8), mtp: fc.boolean() })
  .map((made) => ({ ...made.range, tp: made.tp, ep: made.ep, 'spec-decoding': made.mtp ? 'mtp' : 'none' }));
const shape = fc.constantFrom({ isl: 1024, osl: 1024 }, { isl: 1024, osl: 8192 }, { isl: 300, osl: 20 });
const config: fc.Arbitrary<SingleNodeConfig> = fc.record({
  image: fc.constant('org/engine:v1'),
  model: fc.constant('org/model'),
  'model-prefix': fc.constantFrom('dsr1', 'gptoss'),
  precision: fc.constantFrom('fp4', 'fp8'),
  framework: fc.constantFrom('vllm', 'sglang'),
  runner: fc.constantFrom('h200', 'b200'),
  disagg: fc.constant(false),
  multinode: fc.constant(false),
  'seq-len-configs': fc.array(
    fc
      .tuple(shape, fc.array(item, { maxLength: 3 }))
      .map(([lengths, items]) => ({ ...lengths, 'search-space': items })),
    { maxLength: 3 },
  ),
});
const configs: fc.Arbitrary<MasterConfigs> = fc
  .array(config, { maxLength: 4 })
  .map((list) => new Map(list.map((one, index) => [`${one['model-prefix']}-${index}`, one])));
const pools = new Map([
  ['h200', ['h200_0']],
  ['b200', ['b200_0']],
]);
const some = (...values: string[]) => fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined });
const subsetFilters: fc.Arbitrary<SweepFilters> = fc
  .record({
    configKeys: some('dsr1-*', '*-1'),
    modelPrefixes: some('dsr1', 'gptoss'),
    precisions: some('fp4', 'fp8'),
    frameworks: some('vllm', 'sglang'),
    runnerTypes: some('h200', 'b200'),
    seqLens: some('1k1k', '1k8k'),
  })
  .map((filters) => Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)));

describe('a full sweep', () => {
  test('with filters is a part of the one without, in the same order', () => {
    fc.assert(
      fc.property(configs, subsetFilters, (all, filters) => {
        const rest = fullSweep(all, pools).map((entry) => JSON.stringify(entry));
        for (const entry of fullSweep(all, pools, filters)) {
          const index = rest.indexOf(JSON.stringify(entry));
          expect(index).toBeGreaterThanOrEqual(0);
          rest.splice(0, index + 1);
        }
      }),
    );
  });

  test('limits clamp parallelism and drop nothing, unless the limit is not a possible value', () => {
    fc.assert(
      fc.property(configs, fc.integer({ min: -1, max: 9 }), (all, limit) => {
        const limited = fullSweep(all, pools, { maxTp: limit });
        expect(limited).toHaveLength(limit <= 0 ? 0 : fullSweep(all, pools).length);
        expect(limited.every((entry) => isMultiNode(entry) || entry.tp <= limit)).toBe(true);
      }),
    );
  });

  test('accounts for every part of every config: it makes entries or says which option dropped it', () => {
    fc.assert(
      fc.property(configs, subsetFilters, (all, filters) => {
        for (const decision of decide(all, pools, filters)) {
          expect(decision.entries.length > 0).toBe(decision.droppedBy === undefined);
        }
      }),
    );
  });

  test('survives being printed and read again', () => {
    fc.assert(
      fc.property(configs, (all) => {
        const entries = fullSweep(all, pools);
        expect(matrixEntrySchema.array().parse(JSON.parse(JSON.stringify(entries)))).toEqual(entries);
      }),
    );
  });

  test('names the shapes and fields of an entry as the public system does', () => {
    const one: SingleNodeConfig = {
      image: 'org/engine:v1',
      model: 'org/model',
      'model-prefix': 'gptoss',
      precision: 'fp4',
      framework: 'vllm',
      runner: 'b200',
      multinode: false,
      disagg: false,
      'seq-len-configs': [
        { isl: 300, osl: 20, 'search-space': [{ tp: 2, 'conc-list': [3], 'spec-decoding': 'none' }] },
      ],
    };
    expect(JSON.stringify(fullSweep(new Map([['gptoss-fp4', one]]), pools))).toBe(
      '[{"image":"org/engine:v1","model":"org/model","model-prefix":"gptoss","precision":"fp4","framework":"vllm","runner":"b200","isl":300,"osl":20,"tp":2,"conc":3,"max-model-len":520,"ep":1,"dp-attn":false,"spec-decoding":"none","exp-name":"gptoss_300_20","disagg":false}]',
    );
  });
});

test('shards for Actions are a partition in order, none above the limit', () => {
  fc.assert(
    fc.property(configs, fc.integer({ min: 0, max: 700 }), (all, count) => {
      const [entry] = fullSweep(all, pools).filter(isSingleNode);
      fc.pre(entry !== undefined);
      const entries = Array.from({ length: count }, (_, conc) => ({ ...entry, conc: conc + 1 }));
      const shards = shardsForActions(entries);
      expect(shards.flat()).toEqual(entries);
      expect(shards.every((shard) => shard.length > 0 && shard.length <= maxJobsPerMatrix)).toBe(true);
    }),
    { numRuns: runs(20) },
  );
});
