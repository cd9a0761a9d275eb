import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawResult } from '../../src/load/index.ts';
import { exchanges } from './exchanges/index.ts';
import { differences } from './judge.ts';
import type { Performance } from './performance.ts';
import { plainExchange } from './plain.ts';
import { play } from './play.ts';
import { ReplayServer } from './replay-server.ts';

let server: ReplayServer;
let right: Performance;
beforeAll(async () => {
  server = await ReplayServer.start();
  right = await play(server, plainExchange('openai', 4));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

type Change = { readonly [K in Changed]?: RawResult[K] };
type Changed =
  | ('ttfts' | 'itls' | 'output_lens' | 'input_lens' | 'errors')
  | ('mean_e2el_ms' | 'mean_tpot_ms' | 'troubles' | 'fidelity' | 'partial');

/** The judge's findings for a changed report. */
function found(change: (result: RawResult) => Change): string {
  const { result } = right;
  if (result === undefined) throw right.error;
  return differences({ ...right, result: { ...result, ...change(result) } }).join('\n');
}

const first = <T>(list: readonly T[] | undefined, value: (before: T) => T): T[] =>
  (list ?? []).map((before, index) => (index === 0 ? value(before) : before));

describe('the judge', () => {
  it('finds nothing wrong with a true report', () => {
    expect(found(() => ({}))).toBe('');
  });

  it.each<[string, (result: RawResult) => Change, RegExp]>([
    [
      'a first token that came a piece later',
      ({ ttfts, itls }) => ({ ttfts: first(ttfts, (ttftS) => (ttftS ?? 0) + (itls?.[0]?.[0] ?? 0)) }),
      /the first token came with piece 1, not 0/,
    ],
    [
      'a first token before anything was written',
      ({ ttfts }) => ({ ttfts: first(ttfts, () => 0.0001) }),
      /the first token came with piece -1, not 0/,
    ],
    [
      'a missing gap',
      ({ itls }) => ({ itls: first(itls, (gaps) => gaps.slice(1)) }),
      /there are 2 gaps, and 3 tokens/,
    ],
    [
      'a gap that is too long',
      ({ itls }) => ({ itls: first(itls, (gaps) => gaps.map((gapS) => gapS + 0.003)) }),
      /gap 1 ends/,
    ],
    [
      'gaps in another order',
      ({ itls }) => ({ itls: first(itls, ([a = 0, ...rest]) => [...rest, a]) }),
      /gap 1 ends/,
    ],
    [
      'an extra token',
      ({ output_lens: lengths }) => ({ output_lens: first(lengths, () => 5) }),
      /5 output tokens are reported, not 4/,
    ],
    [
      'prompt tokens without a count',
      ({ input_lens: lengths }) => ({ input_lens: first(lengths, () => 0) }),
      /0 prompt tokens are reported, not 5/,
    ],
    ['another mean', ({ mean_e2el_ms: meanMs }) => ({ mean_e2el_ms: (meanMs ?? 0) + 1 }), /the mean E2EL is/],
    ['another pace', ({ mean_tpot_ms: meanMs }) => ({ mean_tpot_ms: (meanMs ?? 0) / 2 }), /the mean TPOT is/],
    [
      'a failure',
      ({ errors }) => ({
        errors: first(errors, () => 'cut-off: no end'),
        troubles: [{ class: 'cut-off', count: 1, example: 'no end', failed: true }],
      }),
      /it failed with "cut-off: no end", and is good/,
    ],
    [
      'a needless doubt',
      ({ fidelity }) => ({ fidelity: { ...fidelity, reasons: ['the moon is full'] } }),
      /the verdict has the reason "the moon is full"/,
    ],
    ['an end before its time', () => ({ partial: true }), /did not come to an end/],
  ])('finds %s', (_, change, difference) => {
    expect(found(change)).toMatch(difference);
  });
});

describe('the table of exchanges', () => {
  it('has no duplicate names', () => {
    const names = exchanges.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
