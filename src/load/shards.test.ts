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
  it('accepts each shard once, in any order', () => {
    expect(checkShards([second, first])).toBeUndefined();
  });

  it.each([
    [
      'a repeated shard',
      [first, second, { ...first, file: 'c.json' }],
      /a\.json and c\.json are both shard 1\/2/,
    ],
    ['missing shards', [file('a', { number: 2, of: 4 })], /shards: 1\/4, 3\/4, 4\/4/],
    ['shards of different tests', [first, file('c', { number: 2, of: 3 })], /1\/2 and c shard 2\/3/],
    ['one unnumbered result twice', [file('x'), file('y')], /x and y are the same result/],
  ])('rejects %s', (_, files, message) => {
    expect(() => checkShards(files)).toThrow(message);
  });

  it('notes that a shard may be missing if results have no number', () => {
    expect(checkShards([file('x'), file('y', undefined, 2)])).toMatch(
      /^x, y: .*missing shards cannot be detected/,
    );
    expect(checkShards([first, file('y')])).toMatch(/^y: /);
  });
});
