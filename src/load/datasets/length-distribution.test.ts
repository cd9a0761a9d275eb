import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { summarize } from '../statistics/summary.ts';
import { readLengthHistogram } from './files/length-histogram.ts';
import { makeDataset } from './kinds.ts';
import { drawLength, parseLengths } from './length-distribution.ts';
import { syntheticPrompts } from './synthetic.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lengths-'));
});
afterAll(() => rm(folder, { recursive: true }));

const parse = (text: string) => parseLengths(text, '--input-len-dist', readLengthHistogram);

async function drawn(text: string, count = 20_000) {
  const random = new Random(1);
  const distribution = await parse(text);
  const lengths = Float64Array.from({ length: count }, () => drawLength(random, distribution));
  return { lengths, ...summarize(lengths.slice(), []) };
}

describe('lengths', () => {
  test('have the mean and the spread of their distribution', async () => {
    const normal = await drawn('normal:1000,100');
    expect(normal.mean / 1000).toBeCloseTo(1, 2);
    expect(normal.std / 100).toBeCloseTo(1, 1);
    const lognormal = await drawn('lognormal:800,0.5');
    expect(lognormal.median / 800).toBeCloseTo(1, 1);
    expect(lognormal.mean / (800 * Math.exp(0.125))).toBeCloseTo(1, 1);
    const uniform = await drawn('uniform:10,20');
    expect(new Set(uniform.lengths)).toEqual(new Set([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]));
  });

  test('of a mix have the shares of its parts', async () => {
    const { lengths } = await drawn('3*fixed:10+1*fixed:20');
    expect(lengths.filter((length) => length === 10).length / lengths.length).toBeCloseTo(0.75, 1);
  });

  test('of a histogram file have its counts', async () => {
    const file = join(folder, 'histogram.csv');
    await writeFile(file, 'tokens,requests\n# short\n5,30\n100-101\t10\n\n7 0\n');
    const { lengths } = await drawn(`histogram:${file}`);
    expect(new Set(lengths)).toEqual(new Set([5, 100, 101]));
    expect(lengths.filter((length) => length === 5).length / lengths.length).toBeCloseTo(0.75, 1);
  });

  test('are whole and at least 1, however wide the distribution', async () => {
    const { lengths } = await drawn('normal:2,50', 2000);
    expect(lengths.every((length) => Number.isInteger(length) && length >= 1)).toBe(true);
  });

  test.each([
    ['normal:10', /'normal:10' is not a distribution of lengths/],
    ['normal:10,x', /'normal:10,x' is not/],
    ['fixed:0', /'fixed:0' is not/],
    ['fixed:1.5', /is not/],
    ['uniform:20,10', /is not/],
    ['gauss:1,2', /'gauss:1,2' is not/],
    ['0.5*fixed:1+fixed:2', /the part 2 of the mix has no share/],
    ['0*fixed:1+1*fixed:2', /the share 0 is not a number above 0/],
  ])('%s is rejected', async (text, message) => {
    await expect(parse(text)).rejects.toThrow(message);
  });

  test.each([
    ['tokens,count\n5,many', /:2: expected a length and its count/],
    ['5,1\n0,1', /:2: the length 0 must be 1 or more/],
    ['20-10,1', /:1: the length 20-10 must be 1 or more, and a range ascending/],
    ['5,0', /has no length with a count above 0/],
  ])('of the histogram %j are rejected with their line', async (content, message) => {
    const file = join(folder, 'damaged.csv');
    await writeFile(file, content);
    await expect(parse(`histogram:${file}`)).rejects.toThrow(message);
  });

  test.each(['random', 'prefix_repetition', 'conversations'])('of %s follow both options', async (name) => {
    const options = { inputLenDist: 'fixed:33', outputLenDist: 'uniform:3,4', numPrompts: 40, seed: 2 };
    const { dataset } = await makeDataset(name, options);
    if (dataset.kind === 'texts' || dataset.kind === 'composed')
      throw new Error('drawn prompts are not texts');
    const prompts = syntheticPrompts(dataset, 40, 2);
    for (const { segments } of prompts) expect(segments.at(-1)?.tokens).toBe(33);
    expect(new Set(prompts.map(({ outputTokens }) => outputTokens))).toEqual(new Set([3, 4]));
  });
});
