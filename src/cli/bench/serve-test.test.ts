import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addServeOptions, type ServeOptions } from './serve-options.ts';
import { loadTestsAsked, seedNote, seedOf } from './serve-test.ts';

function optionsOf(...args: string[]) {
  const command = addServeOptions(new Command('serve')).exitOverride();
  return command.parse(args, { from: 'user' }).opts<ServeOptions>();
}

function asked(...args: string[]) {
  const options = optionsOf(...args);
  return loadTestsAsked({ ...options, seed: seedOf(options) });
}

describe('the requested tests', () => {
  test('one per concurrency, with ten prompts per stream and a different seed', () => {
    const tests = asked('--max-concurrency', '1,4,16', '--seed', '5');
    expect(tests.map(({ maxConcurrency }) => maxConcurrency)).toEqual([1, 4, 16]);
    expect(tests.map(({ numPrompts }) => numPrompts)).toEqual([10, 40, 160]);
    expect(new Set(tests.map(({ seed }) => seed)).size).toBe(3);
    expect(tests[0]?.seed).toBe(5);
  });

  test('have the requested number of prompts', () => {
    const tests = asked('--max-concurrency', '1,4', '--num-prompts', '7');
    expect(tests.map(({ numPrompts }) => numPrompts)).toEqual([7, 7]);
  });

  test('a single concurrency, or none, gives one test', () => {
    expect(asked('--max-concurrency', '4')).toMatchObject([{ maxConcurrency: 4 }]);
    expect(asked('--max-concurrency', '4')[0]).not.toHaveProperty('numPrompts');
    expect(asked()).toHaveLength(1);
    expect(asked('--max-concurrency', '1,2', '--max-concurrency', '4')).toMatchObject([
      { maxConcurrency: 4 },
    ]);
  });

  test.each(['0', '1,', '1,x', '1.5', '-1'])('%s is rejected', (text) => {
    expect(() => asked('--max-concurrency', text)).toThrow('whole number');
  });
});

describe('the seed', () => {
  test('is a new one for each run, whose note says how to repeat it', () => {
    const options = optionsOf();
    const drawn = Array.from({ length: 20 }, () => seedOf(options));
    expect(new Set(drawn).size).toBeGreaterThan(15);
    for (const seed of drawn) {
      expect(seedOf(optionsOf('--seed', String(seed)))).toBe(seed);
      expect(seedNote(options, seed)).toEqual([expect.stringContaining(`--seed ${seed} sends the same`)]);
    }
    expect(seedNote(optionsOf('--seed', '7'), 7)).toEqual([]);
  });

  test('is the same for all shards of a test', () => {
    const seeds = ['1/2', '2/2'].map((shard) => seedOf(optionsOf('--shard', shard)));
    expect(seeds).toEqual([0, 0]);
    expect(seedNote(optionsOf('--shard', '1/2'), 0)).toEqual([expect.stringContaining('a prefix cache may')]);
  });
});
