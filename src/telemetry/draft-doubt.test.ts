import { expect, test } from 'vitest';
import { doubtOfDrafts } from './draft-doubt.ts';
import type { ServerReport } from './server/server-report.ts';

const idle = {
  state: 'read',
  engine: 'vLLM',
  urls: [],
  window_s: 1,
  other_requests: null,
  finished_requests: null,
  prompt_tokens: null,
  generation_tokens: null,
  latencies: {},
  external_cache: null,
  prompt_tokens_from: null,
  kv_offload: null,
  prefix_cache: null,
  preemptions: null,
  spec_decode: null,
} as const satisfies ServerReport;
const drafting: ServerReport = {
  ...idle,
  spec_decode: {
    from: 'counters',
    drafted_tokens: 300,
    accepted_tokens: 36,
    drafts: 100,
    acceptance: 0.12,
    acceptance_length: 1.36,
    acceptance_by_position: null,
  },
};
const random = { randomTokens: true, forced: false, drafts: false };

test.each([
  ['drafts after random tokens', drafting, random, /^the draft model saw random tokens, 12 % of what/],
  [
    'a config that drafts, without metrics',
    undefined,
    { ...random, drafts: true },
    /^the draft model saw random tokens:/,
  ],
  ['no drafts', idle, random, undefined],
  ['no metrics of an unknown server', undefined, random, undefined],
  ['a forced length', drafting, { ...random, forced: true, drafts: true }, undefined],
  ['text', drafting, { ...random, randomTokens: false }, undefined],
] as const)('%s', (_, metrics, of, doubt) => {
  const found = doubtOfDrafts(metrics, of);
  if (doubt === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(doubt);
});
