import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syntheticPrompts } from '../load/datasets/synthetic.ts';
import { sha256OfText } from '../sha256.ts';
import { kindOfScenario, type Traffic, trafficSchema, workloadId } from './index.ts';
import { firstWorkloadTest, type MeasuredPoint, workloadTest } from './load.ts';

const sharedPrefix = { 'prefix-len': 64, 'suffix-len': 16, 'output-len': 8 };
const conversations = { turns: '2-3', 'input-len': 16, 'output-len': 8, 'prefix-len': 32 };
const point = { conc: 2, seed: 1 };

function kindNamed(name: string) {
  const kind = kindOfScenario(name);
  if (kind === undefined) throw new Error(`there is no kind ${name}`);
  return kind;
}

const testOf = (kind: string, traffic: Traffic, of: MeasuredPoint = point) =>
  workloadTest(kindNamed(kind), traffic, of);

let folder: string;
let small: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workloads-'));
  small = join(folder, 'small.jsonl');
  await writeFile(small, '{"prompt": "one", "output_tokens": 4}\n{"prompt": "two", "output_tokens": 4}\n');
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe('the identity of a workload', () => {
  const idOf = (traffic: Traffic, name = 'desk') => workloadId(kindNamed('custom'), name, traffic);
  const file = { 'dataset-path': 'a.jsonl', isl: 64, osl: 8 };

  test('has its name and changes with every part of its definition', () => {
    const ids = [file, { ...file, isl: 65 }, { ...file, arrivals: { pattern: 'closed-loop' } }].map((one) =>
      idOf(one),
    );
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^desk@[0-9a-f]{12}$/);
    expect(idOf(file, 'other')).toBe(idOf(file).replace('desk', 'other'));
  });

  test('does not depend on the order of fields, nor on the path of a file with a known digest', () => {
    const known = { ...file, 'dataset-sha256': 'a'.repeat(64) };
    expect(idOf({ ...known, 'dataset-path': 'b.jsonl' })).toBe(idOf(known));
    expect(idOf({ ...known, 'dataset-sha256': 'b'.repeat(64) })).not.toBe(idOf(known));
    expect(idOf(Object.fromEntries(Object.entries(file).toReversed()))).toBe(idOf(file));
  });
});

describe('the requests of a drawn workload', () => {
  test.each([
    ['shared-prefix', sharedPrefix, 1, '0c1b7ab3b125'],
    ['conversations', conversations, 1, 'cce2a4cc9b00'],
  ])('%s: equal as long as the version of its generator is', async (kind, traffic, version, digest) => {
    const { dataset, numPrompts } = await testOf(kind, traffic);
    if (dataset.kind === 'texts' || dataset.kind === 'composed') throw new Error('expected drawn prompts');
    const drawn = JSON.stringify(syntheticPrompts(dataset, numPrompts, point.seed));
    expect([kindNamed(kind).generator, sha256OfText(drawn).slice(0, 12)]).toEqual([version, digest]);
  });

  test.each([
    ['shared-prefix', sharedPrefix],
    ['conversations', conversations],
  ])('%s: none is longer than its lengths say', async (kind, traffic) => {
    const { dataset, numPrompts } = await testOf(kind, traffic, { conc: 20, seed: 3 });
    if (dataset.kind === 'texts' || dataset.kind === 'composed') throw new Error('expected drawn prompts');
    const prompts = syntheticPrompts(dataset, numPrompts, 3);
    const inputs = prompts.map(({ segments }) => segments.reduce((sum, { tokens }) => sum + tokens, 0));
    const { isl, osl } = kindNamed(kind).lengths(traffic);
    expect(Math.max(...inputs)).toBe(isl);
    expect(Math.max(...prompts.map(({ outputTokens }) => outputTokens))).toBe(osl);
  });
});

describe('arrivals', () => {
  const sent = async (arrivals: Traffic['arrivals'], conc = 2) => {
    const traffic = arrivals === undefined ? sharedPrefix : { ...sharedPrefix, arrivals };
    return await testOf('shared-prefix', traffic, { conc, seed: 1 });
  };

  test('are a closed loop unless a pattern is given', async () => {
    for (const arrivals of [undefined, { pattern: 'closed-loop' }]) {
      const test = await sent(arrivals);
      expect([test.arrivals, test.requestRate]).toEqual([undefined, undefined]);
    }
  });

  test('of a rate per unit of concurrency grow along the curve', async () => {
    const arrivals = { pattern: 'poisson', 'rate-per-conc': 0.5 };
    const rates = [2, 8].map(async (conc) => (await sent(arrivals, conc)).requestRate);
    expect(await Promise.all(rates)).toEqual([1, 4]);
  });

  test.each([
    ['constant', { pattern: 'constant', rate: 2 }, Number.POSITIVE_INFINITY],
    ['poisson', { pattern: 'poisson', rate: 2 }, 1],
    ['gamma', { pattern: 'gamma', rate: 2, burstiness: 0.4 }, 0.4],
  ])(
    '%s are a rate, which the result records, and differ by the shape of their gaps',
    async (_, arrivals, burstiness) => {
      expect(await sent(arrivals)).toMatchObject({ requestRate: 2, burstiness });
    },
  );

  test('need times in the data set if they are to be recorded ones', async () => {
    await expect(sent({ pattern: 'recorded' })).rejects.toThrow('has no times');
  });

  test('without a rate, or with two, are refused', () => {
    for (const rates of [{}, { rate: 1, 'rate-per-conc': 1 }])
      expect(
        trafficSchema().safeParse({ ...sharedPrefix, arrivals: { pattern: 'poisson', ...rates } }).success,
      ).toBe(false);
  });
});

describe('the end of a workload', () => {
  test('is that of its load test, as bench serve has it', async () => {
    const traffic = {
      ...sharedPrefix,
      arrivals: { pattern: 'poisson', rate: 5 },
      duration: 30,
      'warm-up': 5,
      'cool-down': 2,
      'until-precision': 'ttft:5%',
      'stop-when-saturated': true,
      'max-errors': '5%',
    } as const;
    expect(trafficSchema().safeParse(traffic).error).toBeUndefined();
    const { numPrompts, ...test } = await testOf('shared-prefix', traffic);
    expect(test).toMatchObject({
      durationS: 30,
      warmupS: 5,
      cooldownS: 2,
      stopWhen: {
        precision: { metric: 'ttft', share: 0.05 },
        saturated: true,
        errors: { most: 0.05, isShare: true },
      },
    });
    // Poisson with a mean of 150.
    expect(Math.abs(numPrompts - 150)).toBeLessThan(60);
  });

  test('is refused if its parts contradict each other', async () => {
    await expect(testOf('shared-prefix', { ...sharedPrefix, 'warm-up': 5 })).rejects.toThrow(
      'need a duration',
    );
    await expect(testOf('shared-prefix', { ...sharedPrefix, 'stop-when-saturated': true })).rejects.toThrow(
      'a closed loop waits for the server',
    );
    expect(trafficSchema().safeParse({ ...sharedPrefix, 'until-precision': 'soon' }).success).toBe(false);
  });
});

describe('a data set in a file', () => {
  const own = (more: Traffic = {}) => testOf('custom', { 'dataset-path': small, isl: 64, osl: 8, ...more });

  test('is refused if it has fewer requests than are asked for', async () => {
    await expect(own()).rejects.toThrow(`${small} has 2 requests that can be sent, and 20 are asked for`);
    expect((await own({ 'num-prompts': 2 })).numPrompts).toBe(2);
    expect((await own({ oversample: true })).numPrompts).toBe(20);
  });

  test('may have fewer requests than a closed loop by time could send, but one for each stream', async () => {
    const byTime = { duration: 3600 };
    expect((await own(byTime)).numPrompts).toBe(2);
    const atRate = { ...byTime, arrivals: { pattern: 'constant', rate: 1 } };
    await expect(own(atRate)).rejects.toThrow('has 2 requests that can be sent, and 3601 are asked for');
    await expect(
      testOf('custom', { 'dataset-path': small, isl: 64, osl: 8, ...byTime }, { conc: 3, seed: 1 }),
    ).rejects.toThrow('and 3 are asked for');
  });

  test('with chat messages is sent to the chat endpoint', async () => {
    const chats = join(folder, 'chats.jsonl');
    await writeFile(chats, '{"messages": [{"role": "user", "content": "hi"}], "output_tokens": 4}\n');
    const only = { 'num-prompts': 1 };
    for (const name of ['messages', 'custom'])
      expect(await own({ ...only, 'dataset-path': chats, 'dataset-name': name })).toMatchObject({
        useChatTemplate: true,
      });
    expect(await own(only)).not.toHaveProperty('useChatTemplate');
  });

  test('is refused if it is not the file of the digest', async () => {
    await expect(own({ 'num-prompts': 2, 'dataset-sha256': '0'.repeat(64) })).rejects.toThrow(
      'is not the file that the workload names',
    );
  });

  test('with a broken line names file and line', async () => {
    const broken = join(folder, 'broken.jsonl');
    await writeFile(broken, '{"prompt": "one", "output_tokens": 4}\n{"prompt": 3}\n');
    await expect(own({ 'dataset-path': broken })).rejects.toThrow(`${broken}:2`);
  });
});

describe('a search', () => {
  const isAccepted = (more: Traffic) =>
    trafficSchema().safeParse({ ...sharedPrefix, slo: ['ttft:p99<500'], ...more }).success;

  test('is a part of the definition', () => {
    expect(isAccepted({ search: { load: 'rate', min: 0.5, max: 20, resolution: 0.1 } })).toBe(true);
    expect(trafficSchema().safeParse({ ...sharedPrefix, search: {} }).success).toBe(false);
  });

  test.each<[string, Traffic]>([
    ['its own load', { search: {}, arrivals: { pattern: 'closed-loop' } }],
    ['its own length', { search: {}, duration: 60 }],
    ['a highest concurrency', { search: { max: 8 } }],
    ['half a request at a time', { search: { min: 0.5 } }],
    ['nothing between its ends', { search: { load: 'rate', min: 5, max: 2 } }],
  ])('with %s is refused', (_, more) => {
    expect(isAccepted(more)).toBe(false);
  });

  test('is refused before it starts if it begins above the concurrency of its item, or its file is too small', async () => {
    const searching = (more: Traffic) => ({ slo: ['ttft:p90<500'], search: {}, ...more });
    await expect(
      firstWorkloadTest(
        kindNamed('shared-prefix'),
        searching({ ...sharedPrefix, search: { min: 8 } }),
        point,
      ),
    ).rejects.toThrow('the search starts at 8, above the highest load of 2');
    const file = { 'dataset-path': small, isl: 64, osl: 8 };
    await expect(firstWorkloadTest(kindNamed('custom'), searching(file), point)).rejects.toThrow(
      'has 2 requests that can be sent, and 30 are asked for',
    );
  });
});

describe('a profiled point', () => {
  test.each([
    ['shared-prefix', { ...sharedPrefix, 'num-prompts': 50 }],
    ['conversations', { ...conversations, duration: 60, 'warm-up': 10 }],
  ])('%s sends the given number of requests, whatever its definition says', async (kind, traffic) => {
    const test = await testOf(kind, traffic, { ...point, requests: 2 });
    expect(test.numPrompts).toBe(2);
    expect([test.durationS, test.warmupS]).toEqual([undefined, undefined]);
  });

  test('sends all of a file that has fewer', async () => {
    const traffic = { 'dataset-path': small, isl: 64, osl: 8, 'num-prompts': 100 };
    expect((await testOf('custom', traffic, { ...point, requests: 8 })).numPrompts).toBe(2);
  });
});
