import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addServeOptions, type ServeOptions } from './serve-options.ts';
import { loadTestsAsked } from './serve-test.ts';

function asked(...args: string[]) {
  const command = addServeOptions(new Command('serve')).exitOverride();
  return loadTestsAsked(command.parse(args, { from: 'user' }).opts<ServeOptions>());
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
