import { describe, expect, it } from 'vitest';
import { parseBounded } from './bounded-json.ts';

const malformed = expect.objectContaining({ troubleClass: 'malformed-event' });

describe('parseBounded', () => {
  it('reads JSON, and returns undefined for anything else', () => {
    expect(parseBounded('{"a":[1,null]}')).toEqual({ a: [1, null] });
    expect(parseBounded('null')).toBeNull();
    expect(parseBounded('{"a":')).toBeUndefined();
    expect(parseBounded('"\\')).toBeUndefined();
  });

  it.each([
    ['a string of 20 MB', JSON.stringify({ a: 'x'.repeat(20_000_000) })],
    ['a string of brackets and commas', JSON.stringify({ a: '[{,'.repeat(2_000_000) })],
    ['a string of quotes and brackets', JSON.stringify({ a: '"['.repeat(2_000_000) })],
    ['a list of half a million numbers', JSON.stringify(new Array(500_000).fill(0.5))],
    ['many lists side by side', JSON.stringify(new Array(10_000).fill([[[1]]]))],
  ])('reads %s', (_, json) => {
    expect(JSON.stringify(parseBounded(json)) === json).toBe(true);
  });

  it.each([
    ['lists in lists', '['.repeat(20_000)],
    ['objects in objects', '{"a":'.repeat(20_000)],
    ['millions of numbers', `[${'0,'.repeat(3_000_000)}0]`],
    ['millions of lists', `[${'[],'.repeat(3_000_000)}0]`],
    ['millions of strings', `["${'","'.repeat(3_000_000)}"]`],
    ['millions of members', `{${'"a":1,'.repeat(3_000_000)}"b":0}`],
  ])('rejects %s, complete or not', (_, json) => {
    expect(() => parseBounded(json)).toThrow(malformed);
    expect(() => parseBounded(json.slice(0, -1))).toThrow(malformed);
  });
});
