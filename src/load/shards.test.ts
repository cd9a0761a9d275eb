import { describe, expect, it } from 'vitest';
import { checkShards, type ShardNumber } from './shards.ts';

const file = (name: string, shard?: ShardNumber, started_at = 1) => ({
  file: name,
  shard,
  started_at,
  duration: 10,
  seed: 0,
});
const first = file('a.json', { number: 1, of: 2 });
const second = file('b.json', { number: 2, of: 2 });

describe('checkShards', () => {
  it('has nothing to say of each shard once, in any order', () => {
    expect(checkShards([second, first])).toBeUndefined();
  });

  it.each([
    [
      'a shard twice',
      [first, second, { ...first, file: 'c.json' }],
      /a\.json and c\.json are both shard 1\/2/,
    ],
    ['shards that are missing', [file('a', { number: 2, of: 4 })], /shard 1\/4, 3\/4, 4\/4/],
    ['shards of different tests', [first, file('c', { number: 2, of: 3 })], /1\/2 and c shard 2\/3/],
    ['one unnumbered result twice', [file('x'), file('y')], /x and y are the same result/],
  ])('refuses %s', (_, files, message) => {
    expect(() => checkShards(files)).toThrow(message);
  });

  it('says of results without a number that one may be missing', () => {
    expect(checkShards([file('x'), file('y', undefined, 2)])).toMatch(/^x, y: .*missing is unknown/);
    expect(checkShards([first, file('y')])).toMatch(/^y: /);
  });
});
