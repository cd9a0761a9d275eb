import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arrivals, type ServerCounts, type Settled } from './arrivals.ts';
import type { EmptyKind } from './empty-events.ts';

/**
 * `t` is output; `e`, `o`, `f`, `u` are events without output, by kind. They are 20 ms apart, or follow after the given
 * gap.
 */
type Event = readonly [letter: string, afterMs?: number, counted?: number | undefined, choice?: number];

const kinds: Readonly<Record<string, EmptyKind>> = { e: 'empty', o: 'opening', f: 'finish', u: 'unreadable' };
const server = (more: Partial<ServerCounts>): ServerCounts => ({
  total: undefined,
  listed: undefined,
  prompt: 7,
  hidden: 0,
  hidesMore: false,
  isSeparate: true,
  isDamaged: false,
  asked: 16,
  sentShare: 1,
  ...more,
});

function settle(events: readonly Event[], counts: Partial<ServerCounts>): Settled {
  const arrivals = new Arrivals();
  arrivals.reset(16);
  let atMs = 1000;
  for (const [letter, afterMs = 20, counted, choice = 0] of events) {
    atMs += afterMs;
    const kind = kinds[letter];
    if (kind === undefined) arrivals.output(atMs, choice, counted);
    else arrivals.empty({ atMs, choice, kind }, counted);
  }
  return arrivals.settle(server(counts));
}

const times = (text: string): Event[] => [...text].map((letter) => [letter]);

describe('which events were tokens', () => {
  it.each<[string, readonly Event[], number | undefined, Partial<Settled>]>([
    ['only text', times('tttt'), 4, { firstMs: 1020, lastMs: 1080, decodeSteps: 3, tokens: 4 }],
    ['a role first', times('ottt'), 3, { firstMs: 1040, decodeSteps: 2 }],
    [
      'prompt processing first',
      [['e', 50], ['e', 50], ['t', 50], ...times('ttt')],
      4,
      { firstMs: 1150, tokens: 4 },
    ],
    ['tokens without text among others', times('tetet'), 5, { tokens: 5, decodeSteps: 4 }],
    ['only tokens without text', times('eeee'), 4, { firstMs: 1020, lastMs: 1080, tokens: 4 }],
    ['a role, then tokens without text', times('oeeee'), 4, { firstMs: 1040, tokens: 4 }],
    ['an end that is a token', times('tttf'), 4, { lastMs: 1080, tokens: 4 }],
    ['an end together with the last token', [...times('ttt'), ['f', 0.1]], 4, { lastMs: 1060, tokens: 4 }],
    ['an end that is not a token', times('tttf'), 3, { lastMs: 1060, tokens: 3 }],
    ['only an end', times('f'), 1, { firstMs: 1020, tokens: 1, decodeSteps: 0 }],
    ['a repeated end', times('ff'), 1, { firstMs: 1020, lastMs: 1020, tokens: 1 }],
    ['an unreadable event among others', times('tut'), 3, { firstMs: 1020, tokens: 3 }],
    ['several tokens per event', times('ttt'), 9, { tokens: 9, decodeSteps: 8, decodeMs: 40 }],
    ['several tokens in a single event', times('t'), 9, { tokens: 9, decodeSteps: 0 }],
    ['no count', times('ttt'), undefined, { tokens: 3, decodeSteps: 2 }],
  ])('%s', (_, events, total, expected) => {
    expect(settle(events, { total })).toMatchObject({
      ...expected,
      isDoubtful: false,
      usageConflicts: false,
    });
  });

  it.each<[string, readonly Event[], number | undefined, Partial<Settled>]>([
    ['tokens without text first', times('eett'), 4, { firstMs: 1020, tokens: 4 }],
    ['an unreadable first event', times('utt'), 3, { firstMs: 1020, tokens: 3 }],
    ['an end long after the last token', [...times('ttt'), ['f', 300]], 4, { lastMs: 1360, tokens: 4 }],
    [
      'an empty event among the text, and an end',
      [...times('tet'), ['f', 20]],
      3,
      { lastMs: 1060, tokens: 3 },
    ],
    [
      'empty events before and among the text, then several tokens per event',
      times('eetet'),
      9,
      { firstMs: 1060 },
    ],
    ['empty events and no count', times('tet'), undefined, { tokens: undefined, decodeSteps: 0 }],
    ['only an end, for several tokens', times('of'), 8, { firstMs: Number.NaN, decodeSteps: 0, tokens: 8 }],
    ['fewer tokens than empty events before the text', times('eett'), 3, { firstMs: 1040, tokens: 3 }],
    ['empty events, then several tokens per event', times('eettt'), 11, { firstMs: 1060, tokens: 11 }],
    ['text long after an empty event', [['e'], ['t', 200], ...times('ttt')], 5, { tokens: 5 }],
  ])('doubtful: %s', (_, events, total, expected) => {
    expect(settle(events, { total })).toMatchObject({ ...expected, isDoubtful: true });
  });
});

describe('counts', () => {
  const counted = (counts: readonly number[], letters = 't'.repeat(counts.length)): Event[] =>
    counts.map((count, index) => [letters[index] ?? 't', 20, count]);

  it('in each event show which events carried tokens, and how many', () => {
    const settled = settle(counted([0, 1, 1, 4, 5], 'eeett'), { total: 5, isSeparate: false });
    expect(settled).toMatchObject({
      firstMs: 1040,
      lastMs: 1100,
      tokens: 5,
      decodeSteps: 4,
      usageConflicts: false,
    });
    expect([...(settled.counts ?? [])]).toEqual([1, 4, 5]);
  });

  it.each<[string, readonly Event[], Partial<ServerCounts>, boolean]>([
    ['never change, without a total', counted([1, 1, 1, 1]), { total: 1, isSeparate: false }, true],
    ['count each event separately', counted([4, 4, 4, 4]), { total: 4, isSeparate: false }, true],
    ['are one behind, with a total at the end', counted([0, 1, 2, 3]), { total: 4 }, false],
    ['are one behind, without one', counted([0, 1, 2, 3]), { total: 3, isSeparate: false }, true],
    ['stop below the total', counted([1, 2, 2, 2]), { total: 4 }, false],
    ['fall', counted([1, 2, 1, 4]), { total: 4, isDamaged: true }, true],
    ['are all 0', counted([0, 0, 0, 0]), { total: 0 }, true],
    ['are below what arrived', times('tttt'), { total: 3 }, true],
    ['are absurdly high', times('tttt'), { total: 100_000 }, true],
    ['are above the request', times('tttt'), { total: 18 }, true],
    ['differ from the listed tokens', times('tttt'), { total: 12, listed: 4 }, true],
    [
      'include the prompt',
      counted([8, 9, 10, 11]),
      { total: 11, isSeparate: false, prompt: 7, asked: 4 },
      true,
    ],
    ['are not numbers', times('tttt'), { isDamaged: true }, true],
  ])('that %s are not used', (_, events, counts, usageConflicts) => {
    expect(settle(events, counts)).toMatchObject({
      firstMs: 1020,
      lastMs: 1080,
      tokens: 4,
      decodeSteps: 3,
      usageConflicts,
    });
  });

  it("of the last event's leftover text do not move the time of the last token", () => {
    const settled = settle(counted([1, 2, 2]), { total: 2, isSeparate: false });
    expect(settled).toMatchObject({ lastMs: 1040, tokens: 2, decodeSteps: 1 });
  });
});

describe('several choices', () => {
  it('are measured separately', () => {
    const events: Event[] = [
      ['t', 100],
      ['t', 0, undefined, 1],
      ['t'],
      ['t', 0, undefined, 1],
      ['t', 40, undefined, 1],
    ];
    const settled = settle(events, { total: 5, asked: 32 });
    expect(settled).toMatchObject({
      firstMs: 1100,
      lastMs: 1160,
      tokens: 5,
      decodeMs: 20 + 60,
      decodeSteps: 1 + 2,
    });
    expect(settled.starts).toEqual([0, 2]);
  });

  it('that a server did not generate are not subtracted from its count', () => {
    const settled = settle(times('tttt'), { total: 4, asked: 48, sentShare: 1 / 3 });
    expect(settled).toMatchObject({ tokens: 4, sentTokens: 4, decodeSteps: 3 });
  });

  it('that are not sent do not lengthen the others', () => {
    const settled = settle(times('tttt'), { total: 12, asked: 48, sentShare: 1 / 3 });
    expect(settled).toMatchObject({ tokens: 12, sentTokens: 4, decodeSteps: 3 });
  });
});

it('unsent tokens do not change the time per sent token', () => {
  const settled = settle(times('tttt'), { total: 12, hidden: 8, asked: 16 });
  expect(settled).toMatchObject({ tokens: 12, sentTokens: 4, decodeSteps: 3, hidesTokens: true });
});

it('an unknown number of unsent tokens does not change the sent ones', () => {
  const settled = settle(times('tttt'), { total: 12, hidesMore: true });
  expect(settled).toMatchObject({ tokens: 12, sentTokens: 4, decodeSteps: 3, hidesTokens: true });
});

it('tokens that were read at once have no time between them', () => {
  const settled = settle(
    [
      ['t', 20],
      ['t', 0],
      ['t', 0],
    ],
    { total: 3 },
  );
  expect(settled).toMatchObject({ tokens: 3, decodeSteps: 0, instants: 1 });
});

it('bounds the times of a doubtful reply by all possible times', () => {
  const event = fc.tuple(fc.constantFrom(...'tttte'), fc.integer({ min: 1, max: 60 }), fc.boolean());
  let bounded = 0;
  fc.assert(
    fc.property(fc.array(event, { minLength: 2, maxLength: 12 }), fc.boolean(), (list, endIsToken) => {
      const events: Event[] = [...list.map(([letter, afterMs]): Event => [letter, afterMs]), ['f', 1]];
      let atMs = 1000;
      const tokensMs = events.flatMap(([letter, afterMs = 0], index) => {
        atMs += afterMs;
        const isToken = letter === 'f' ? endIsToken : letter === 't' || list[index]?.[2] === true;
        return isToken ? [atMs] : [];
      });
      const { bounds } = settle(events, { total: tokensMs.length });
      if (bounds === undefined) return;
      bounded++;
      const [firstMs = Number.NaN, lastMs = Number.NaN] = [tokensMs[0], tokensMs.at(-1)];
      expect(firstMs).toBeGreaterThanOrEqual(bounds.firstMs[0]);
      expect(firstMs).toBeLessThanOrEqual(bounds.firstMs[1]);
      expect(lastMs).toBeGreaterThanOrEqual(bounds.lastMs[0]);
      // An end together with the last token is read at the same time.
      expect(lastMs).toBeLessThanOrEqual(bounds.lastMs[1] + 1);
    }),
  );
  expect(bounded).toBeGreaterThan(0);
});

it('never finds more tokens than the server counted, nor times outside the reply', () => {
  const events = fc.array(fc.tuple(fc.constantFrom(...'teeofu'), fc.integer({ min: 0, max: 99 })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(events, fc.option(fc.nat(60), { nil: undefined }), (list, total) => {
      const settled = settle(list, { total });
      const outputs = list.filter(([letter]) => letter === 't').length;
      const isBelieved = total !== undefined && total >= outputs && !settled.usageConflicts;
      if (isBelieved) expect(settled.tokens).toBe(total);
      const arrivals = settled.timesMs.length;
      expect(arrivals).toBeGreaterThanOrEqual(outputs);
      if (arrivals > outputs) expect(arrivals).toBeLessThanOrEqual(total ?? 0);
      expect([...settled.timesMs]).toEqual([...settled.timesMs].sort((a, b) => a - b));
      expect(settled.decodeSteps === 0 || settled.decodeMs >= 0).toBe(true);
    }),
  );
});
