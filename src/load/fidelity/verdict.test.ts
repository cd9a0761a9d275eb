import { describe, expect, it } from 'vitest';
import { eachDoubt } from './doubts.ts';
import { type FidelityFacts, judge } from './verdict.ts';

const good: FidelityFacts = {
  ...eachDoubt(() => 0),
  numPrompts: 100,
  completed: 100,
  failed: 0,
  partial: false,
  medianTtftMs: 50,
  idlesOnPurpose: false,
  asked_concurrency: 10,
  achieved_concurrency: 9.9,
  peak_concurrency: 10,
  loop_lag_ms: { p50: 0.1, p99: 2, max: 30 },
  late_sends: 0,
  send_delay_p99_ms: 0,
  client_cpu_share: 0.4,
  client_threads: 1,
  clock_resolution_ms: 0.0001,
  reconnects: 0,
  replies_counted_by_tokenizer: 0,
  replies_of_several_choices: 0,
  unknown_first_tokens: 0,
  unknown_input_lengths: 0,
  unknown_output_lengths: 0,
  failures_after_last_reply_s: 0,
  cached_share_of_random_prompts: null,
};

describe('judge', () => {
  it('accepts a good run and keeps its facts', () => {
    expect(judge(good)).toMatchObject({ verdict: 'checked', reasons: [], achieved_concurrency: 9.9 });
  });

  it('accepts one reply of 100 that arrived at once', () => {
    expect(judge({ ...good, completed: 100, replies_at_once: 1 }).verdict).toBe('checked');
  });

  const lag = (p99: number): Partial<FidelityFacts> => ({ loop_lag_ms: { p50: 1, p99, max: p99 } });
  it.each<[string, Partial<FidelityFacts>, string, RegExp]>([
    ['one failed request', { completed: 99, failed: 1 }, 'suspect', /^1 of 100 requests failed/],
    ['many failed requests', { completed: 90, failed: 10 }, 'invalid', /10 of 100/],
    ['nothing completed', { completed: 0 }, 'invalid', /no request completed/],
    ['an early end', { completed: 50, partial: true }, 'suspect', /50 of 100 requests completed/],
    ['too few streams in flight', { achieved_concurrency: 9 }, 'suspect', /9\.0 of 10 requested/],
    ['far too few streams in flight', { achieved_concurrency: 6.6 }, 'invalid', /6\.6 of 10 requested/],
    ['a late event loop', lag(12), 'suspect', /12\.0 ms late/],
    ['a very late event loop', lag(400), 'invalid', /400\.0 ms late/],
    ['a saturated core', { client_cpu_share: 0.99 }, 'suspect', /99 % of a core/],
    ['late sends', { late_sends: 20, send_delay_p99_ms: 30 }, 'suspect', /20 requests were sent late/],
    [
      'different prompt lengths',
      { prompt_token_mismatches: 3 },
      'suspect',
      /prompt token count .* 3 replies/,
    ],
    [
      'different reply lengths',
      { output_length_mismatches: 2 },
      'suspect',
      /2 replies have a different length/,
    ],
    ['no usage', { replies_without_usage: 5 }, 'suspect', /5 replies have no usage/],
    ['impossible counts', { usage_conflicts: 4 }, 'suspect', /token counts of 4 replies are inconsistent/],
    ['events that may be tokens', { doubtful_replies: 1 }, 'suspect', /in 1 reply it is unclear/],
    [
      'different choices than requested',
      { choice_mismatches: 2 },
      'suspect',
      /2 replies have a number of choices that differs/,
    ],
    [
      'replies in bursts',
      { replies_in_bursts: 2, completed: 99 },
      'suspect',
      /tokens of 2 replies arrived in bursts/,
    ],
    [
      'hidden tokens',
      { replies_with_hidden_tokens: 3 },
      'suspect',
      /3 replies have tokens that were not sent/,
    ],
    ['no finish reason', { replies_without_finish: 4 }, 'suspect', /4 replies ended without a finish reason/],
    ['replies that were restarted', { replies_begun_again: 2 }, 'suspect', /2 replies .*restarted midway/],
    ['output after the end', { replies_beyond_end: 5 }, 'suspect', /5 replies continued/],
    ['unreadable events', { malformed_replies: 2 }, 'suspect', /2 replies have events/],
    ['replies that were not streamed', { unstreamed_replies: 3 }, 'suspect', /3 replies were not streamed/],
    ['replies without a count', { uncounted_replies: 5 }, 'suspect', /how many tokens 5 replies have/],
    [
      '2 of 100 replies that arrived at once',
      { replies_at_once: 2, completed: 100 },
      'suspect',
      /arrived all at once/,
    ],
    ['an unknown finish reason', { unknown_endings: 1 }, 'suspect', /1 reply ended with an unknown/],
    [
      'a different count by the tokenizer',
      { tokenizer_check: { replies: 32, usage_tokens: 1000, tokenizer_tokens: 4000 } },
      'suspect',
      /counted 1000 tokens, but the tokenizer counts 4000/,
    ],
    [
      'a rate that was not reached',
      { asked_rate: 100, achieved_rate: 90 },
      'suspect',
      /90\.0 of 100\.0 requested sends/,
    ],
    ['unknown prompt lengths', { unknown_input_lengths: 7 }, 'suspect', /prompt length of 7 replies/],
    ['unknown reply lengths', { unknown_output_lengths: 3 }, 'suspect', /number of tokens of 3 replies/],
    ['unknown first tokens', { unknown_first_tokens: 2 }, 'suspect', /the TTFT of 2 replies is unknown/],
    [
      'failures after the last reply',
      { failures_after_last_reply_s: 8.2 },
      'suspect',
      /up to 8\.2 s after the last reply/,
    ],
    [
      'prompts of an earlier run',
      { cached_share_beyond_ideal: 0.31 },
      'suspect',
      /had 31 % more of the prompt/,
    ],
    ['random prompts from a cache', { cached_share_of_random_prompts: 0.5 }, 'suspect', /50 % of the prompt/],
    [
      'a rate that was far off',
      { asked_rate: 100, achieved_rate: 50 },
      'invalid',
      /50\.0 of 100\.0 requested/,
    ],
  ])('judges %s', (_, changes, verdict, reason) => {
    const judged = judge({ ...good, ...changes });
    expect(judged.verdict).toBe(verdict);
    expect(judged.reasons).toEqual([expect.stringMatching(reason)]);
  });

  it('accepts a lag that is small compared to what is measured', () => {
    expect(judge({ ...good, ...lag(12), medianTtftMs: 2000 }).verdict).toBe('checked');
  });

  it('accepts a cached chat template', () => {
    expect(judge({ ...good, cached_share_of_random_prompts: 0.02 }).verdict).toBe('checked');
  });

  it('ignores send delays if sends are not scheduled', () => {
    expect(judge({ ...good, send_delay_p99_ms: null }).verdict).toBe('checked');
  });

  it('judges the CPU time per thread', () => {
    expect(judge({ ...good, client_cpu_share: 1.6, client_threads: 2 }).verdict).toBe('checked');
    expect(judge({ ...good, client_cpu_share: 1.98, client_threads: 2 }).verdict).toBe('suspect');
  });

  it('accepts a slightly different count by the tokenizer', () => {
    const tokenizer_check = { replies: 32, usage_tokens: 1000, tokenizer_tokens: 930 };
    expect(judge({ ...good, tokenizer_check }).verdict).toBe('checked');
  });

  it('does not expect full streams if some are idle on purpose', () => {
    expect(judge({ ...good, idlesOnPurpose: true, achieved_concurrency: 2 }).verdict).toBe('checked');
  });

  it('lists the most serious reason first', () => {
    const { reasons } = judge({ ...good, replies_without_usage: 1, achieved_concurrency: 1 });
    expect(reasons[0]).toMatch(/requested streams/);
  });
});
