import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addServeOptions, type ServeOptions } from './serve-options.ts';
import { loadTestsAsked } from './serve-test.ts';

function asked(...args: string[]) {
  const command = addServeOptions(new Command('serve')).exitOverride();
  return loadTestsAsked(command.parse(args, { from: 'user' }).opts<ServeOptions>());
}

describe('the tests that are asked for', () => {
  test('one for each concurrency, with ten prompts a stream of its own seed', () => {
    const tests = asked('--max-concurrency', '1,4,16', '--seed', '5');
    expect(tests.map(({ maxConcurrency }) => maxConcurrency)).toEqual([1, 4, 16]);
    expect(tests.map(({ numPrompts }) => numPrompts)).toEqual([10, 40, 160]);
    expect(new Set(tests.map(({ seed }) => seed)).size).toBe(3);
    expect(tests[0]?.seed).toBe(5);
  });

  test('as many prompts as were said', () => {
    const tests = asked('--max-concurrency', '1,4', '--num-prompts', '7');
    expect(tests.map(({ numPrompts }) => numPrompts)).toEqual([7, 7]);
  });

  test('one concurrency, or none, is asked for as ever', () => {
    expect(asked('--max-concurrency', '4')).toMatchObject([{ maxConcurrency: 4 }]);
    expect(asked('--max-concurrency', '4')[0]).not.toHaveProperty('numPrompts');
    expect(asked()).toHaveLength(1);
    expect(asked('--max-concurrency', '1,2', '--max-concurrency', '4')).toMatchObject([
      { maxConcurrency: 4 },
    ]);
  });

  test.each(['0', '1,', '1,x', '1.5', '-1'])('%s is refused', (text) => {
    expect(() => asked('--max-concurrency', text)).toThrow('whole number');
  });
});
