import type { ServerReport } from './server/server-report.ts';

/** What a measurement says about the drafts of speculative decoding. */
export interface DraftedTest {
  /** Whether its prompts were drawn at random, token by token. */
  readonly randomTokens: boolean;
  /** Whether the engine was made to accept a given number of tokens, whatever its draft model predicts. */
  readonly forced: boolean;
  /** Whether the server is known to draft, even if its metrics do not say so. */
  readonly drafts: boolean;
}

/**
 * A draft model predicts text; how many of its tokens are accepted after random ones says nothing about users. Returns
 * the reason to doubt such a measurement.
 */
export function doubtOfDrafts(metrics: ServerReport | undefined, test: DraftedTest): string | undefined {
  const { randomTokens, forced, drafts } = test;
  const figures = metrics?.state === 'read' ? metrics.spec_decode : null;
  if (!randomTokens || forced || (!drafts && figures === null)) return undefined;
  const acceptance = figures?.acceptance ?? null;
  const share =
    acceptance === null ? '' : `, ${(100 * acceptance).toFixed(0)} % of what it drafted was accepted`;
  return `the draft model saw random tokens${share}: speed with text is different; force an acceptance length, or measure with text`;
}
