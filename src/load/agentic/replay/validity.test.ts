import { describe, expect, it } from 'vitest';
import { type ReplayFacts, validityOf } from './validity.ts';

const kept: ReplayFacts = {
  durationS: 3600,
  coveredS: 3590,
  responses: 1000,
  contextOverflows: 10,
  isCancelled: false,
  corpus: {
    name: 'semianalysisai/cc-traces-weka-062126@0123abc',
    id: 'semianalysisai/cc-traces-weka-062126',
    isPart: false,
  },
  rules: { systemIdleCapS: 10, treeIdleCapS: 300 },
  ignoresEos: true,
};

describe('the validity of a replay', () => {
  it('is given if all rules are kept', () => {
    expect(validityOf(kept)).toEqual({
      submission_valid: true,
      submission_invalid_reasons: [],
      overrides: [],
    });
  });

  it.each<[string, Partial<ReplayFacts>, string]>([
    ['a shorter phase', { durationS: 899, coveredS: 899 }, 'unsafe_override'],
    ['own traces', { corpus: { name: 'traces.jsonl', id: undefined, isPart: false } }, 'unsafe_override'],
    [
      'another data set',
      { corpus: { ...kept.corpus, id: 'another/cc-traces-weka-062126' } },
      'unsafe_override',
    ],
    ['a part of the corpus', { corpus: { ...kept.corpus, isPart: true } }, 'unsafe_override'],
    ['shorter pauses', { rules: { systemIdleCapS: 10, treeIdleCapS: 60 } }, 'unsafe_override'],
    ['replies that may end early', { ignoresEos: false }, 'unsafe_override'],
    ['more than 1 % overflows', { contextOverflows: 11 }, 'context_overflow_rate_exceeded'],
    ['an interruption', { isCancelled: true }, 'run_cancelled'],
    ['an end long before the end of the phase', { coveredS: 3419 }, 'insufficient_profile_metric_coverage'],
  ])('%s is a reason', (_what, change, reason) => {
    const { submission_valid: isValid, submission_invalid_reasons: reasons } = validityOf({
      ...kept,
      ...change,
    });
    expect(isValid).toBe(false);
    expect(reasons).toEqual([reason]);
  });
});
