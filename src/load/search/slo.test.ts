import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { readSlo, repeatedSlo, sloMetrics, sloText } from './slo.ts';

describe('an SLO as text', () => {
  it.each([
    ['ttft:p99<500', { metric: 'ttft', percentile: 99, limitMs: 500 }],
    ['tpot:p99.9<=50ms', { metric: 'tpot', percentile: 99.9, limitMs: 50 }],
    ['e2el:p50:1.5s', { metric: 'e2el', percentile: 50, limitMs: 1500 }],
  ])('%s is read', (text, slo) => {
    expect(readSlo(text)).toEqual(slo);
  });

  it.each([
    ['', 1, 'expected ttft, tpot, e2el, but the text ends here'],
    ['latency:p99<500', 1, 'expected ttft, tpot, e2el, not "latency:p99<500"'],
    ['itl:p99<50', 1, 'a reply has many gaps'],
    ['ttft<500', 5, 'expected a colon and a percentile'],
    ['ttft:99<500', 6, 'expected a percentile, such as p99'],
    ['ttft:mean<500', 6, 'expected a percentile, such as p99'],
    ['ttft:p100<500', 6, 'between p0 and p100'],
    ['ttft:p0<500', 6, 'between p0 and p100'],
    ['ttft:p99', 9, 'quote it in a shell'],
    ['ttft:p99>500', 9, 'expected < and a limit'],
    ['ttft:p99<', 10, 'expected a limit above 0'],
    ['ttft:p99<-5', 10, 'expected a limit above 0'],
    ['ttft:p99<0', 10, 'expected a limit above 0'],
    ['ttft:p99<500us', 13, 'expected the unit ms (the default) or s, not "us"'],
    ['ttft:p99<500 ', 13, 'expected the unit'],
    ['ttft:p99<1e3', 11, 'expected the unit'],
    ['ttft:p99<5toString', 11, 'expected the unit'],
  ])('%j is rejected at column %i', (text, column, message) => {
    const problem = readSlo(text);
    expect(problem).toMatchObject({ column });
    expect('message' in problem && problem.message).toContain(message);
  });

  it('is read back from its canonical form', () => {
    const slo = fc.record({
      metric: fc.constantFrom(...sloMetrics),
      percentile: fc.integer({ min: 1, max: 9999 }).map((value) => value / 100),
      limitMs: fc.integer({ min: 1, max: 10_000_000 }).map((value) => value / 10),
    });
    fc.assert(
      fc.property(slo, (one) => {
        expect(readSlo(sloText(one))).toEqual(one);
      }),
      { numRuns: runs(100) },
    );
  });

  it('names the limit of a percentile that has two', () => {
    const slo = { metric: 'ttft', percentile: 99, limitMs: 500 } as const;
    expect(repeatedSlo([slo, { ...slo, percentile: 50 }])).toBeUndefined();
    expect(repeatedSlo([slo, { ...slo, limitMs: 100 }])).toMatchObject({ limitMs: 100 });
  });
});
