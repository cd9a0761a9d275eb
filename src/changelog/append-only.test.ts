import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../test/support/runs.ts';
import { parseMasterConfigs, type RunnerPools } from '../config/index.ts';
import { recipeFingerprint } from '../identity/index.ts';
import { type GeneratedEntry, testConfigDecisions } from '../matrix/index.ts';
import { gainedPoints } from './append-only.ts';
import { published } from './published-matrix.ts';
import { trimmed } from './trim.ts';

interface Item {
  readonly tp: number;
  readonly concs: readonly number[];
}

const concs = fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 6 });
const item = fc.record({ tp: fc.constantFrom(1, 2, 4, 8), concs });
const items = fc.uniqueArray(item, { minLength: 1, maxLength: 4, selector: ({ tp }) => tp });

const nowhere: RunnerPools = new Map();

/** The entries of a config with these items, on one node or on several. */
async function matrixOf(list: readonly Item[], { nodes = false, image = 'example/engine:1' } = {}) {
  const space = list.map(({ tp, concs: own }) => {
    const workers = { 'num-worker': 1, tp, ep: 1, 'dp-attn': false };
    return nodes ? { prefill: workers, decode: workers, 'conc-list': own } : { tp, 'conc-list': own };
  });
  const config = {
    image,
    model: 'org/model',
    'model-prefix': 'm',
    precision: 'fp8',
    framework: 'vllm',
    runner: 'pool',
    multinode: nodes,
    scenarios: { 'fixed-seq-len': [{ isl: 1024, osl: 1024, 'search-space': space }] },
  };
  const configs = await parseMasterConfigs(new Map([['master.yaml', JSON.stringify({ key: config })]]));
  return testConfigDecisions(configs, ['key'], nowhere).flatMap(({ entries }) => entries);
}

/** Points as texts, which say on which server they are measured. */
function pointsOf(entries: readonly GeneratedEntry[]): string[] {
  return entries
    .flatMap((entry) => [entry.conc].flat().map((conc) => `${recipeFingerprint(entry)} ${conc}`))
    .toSorted();
}

const onNodes = fc.boolean();

describe('points that a config has gained', () => {
  test('are those that it did not have, and base and gained points are all points', async () => {
    await fc.assert(
      fc.asyncProperty(items, concs, onNodes, async (list, more, nodes) => {
        const longer = list.map(({ tp, concs: own }) => ({ tp, concs: [...new Set([...own, ...more])] }));
        const [base, head] = [await matrixOf(list, { nodes }), await matrixOf(longer, { nodes })];
        const gained = gainedPoints(base, head);
        const [before, after] = [pointsOf(base), pointsOf(head)];
        if (before.length === after.length) expect(gained).toHaveProperty('fault');
        else
          expect('entries' in gained && pointsOf(gained.entries)).toEqual(
            after.filter((point) => !before.includes(point)),
          );
      }),
      { numRuns: runs(20) },
    );
  });

  test('are refused as soon as one old point is gone, or the image is another', async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.nat(), onNodes, async (list, which, nodes) => {
        const base = await matrixOf([...list, { tp: 16, concs: [1, 2, 1024] }], { nodes });
        const index = which % list.length;
        const without = list.map((one, at) => (at === index ? { ...one, concs: one.concs.slice(1) } : one));
        const kept = without.filter(({ concs: own }) => own.length > 0);
        const shorter = [...kept, { tp: 16, concs: [1, 2, 4, 1024] }];
        expect(gainedPoints(base, await matrixOf(shorter, { nodes }))).toHaveProperty('fault');
        const other = [...list, { tp: 16, concs: [1, 2, 4, 1024] }];
        expect(
          gainedPoints(base, await matrixOf(other, { nodes, image: 'example/engine:2' })),
        ).toHaveProperty('fault');
        expect(gainedPoints(base, await matrixOf(other, { nodes }))).toHaveProperty('entries');
      }),
      { numRuns: runs(20) },
    );
  });

  test('a point that is named twice is gained once', async () => {
    const base = await matrixOf([{ tp: 1, concs: [1] }]);
    const head = await matrixOf([{ tp: 1, concs: [1, 8, 8] }]);
    const gained = gainedPoints(base, head);
    expect('entries' in gained && gained.entries.map(({ conc }) => conc)).toEqual([8]);
  });
});

describe('a trimmed matrix', () => {
  test('has the lowest concurrency of each recipe, and its fingerprint says which recipe that is', async () => {
    await fc.assert(
      fc.asyncProperty(items, onNodes, async (list, nodes) => {
        const entries = await matrixOf(list, { nodes });
        const lowest = new Map(list.map(({ tp, concs: own }) => [tp, Math.min(...own)]));
        const left = trimmed(entries).map(published);
        expect(left.map(({ conc }) => [conc].flat())).toEqual(list.map(({ tp }) => [lowest.get(tp)]));
        const fingerprints = entries.map((entry) => published(entry)['recipe-fingerprint']);
        expect(new Set(left.map((entry) => entry['recipe-fingerprint']))).toEqual(new Set(fingerprints));
        expect(new Set(fingerprints).size).toBe(list.length);
      }),
      { numRuns: runs(20) },
    );
  });
});
