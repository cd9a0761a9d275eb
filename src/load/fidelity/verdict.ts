import type { Fidelity } from '../result-schema.ts';
import { reasonsOfDoubts } from './doubts.ts';
import { reasonsOfSpread } from './spread.ts';

/** Adds doubts from outside the client to a verdict; each doubt makes it suspect. */
export function withDoubts<Judged extends Pick<Fidelity, 'verdict' | 'reasons'>>(
  fidelity: Judged,
  doubts: readonly string[],
): Judged {
  if (doubts.length === 0) return fidelity;
  return {
    ...fidelity,
    verdict: fidelity.verdict === 'invalid' ? 'invalid' : 'suspect',
    reasons: [...fidelity.reasons, ...doubts],
  };
}

/** The facts behind a verdict, in addition to those in the result. */
export interface FidelityFacts extends Omit<Fidelity, 'verdict' | 'reasons' | 'beyond_server_ms'> {
  readonly numPrompts: number;
  readonly completed: number;
  readonly failed: number;
  readonly partial: boolean;
  /** For replies that were not streamed, the median E2EL; NaN without any reply. */
  readonly medianTtftMs: number;
  /** An open loop leaves streams idle, and so do pauses in conversations. */
  readonly idlesOnPurpose: boolean;
  /** Set if the server was profiled: how that ended. */
  readonly profiled?: string;
}

/** Limits beyond which a fact makes a result suspect or invalid. */
export const thresholds = {
  failedShare: { suspect: 0, invalid: 0.05 },
  /** Achieved over requested concurrency. */
  concurrencyShare: { suspect: 0.95, invalid: 0.8 },
  /** Achieved over requested rate, in an open loop. */
  rateShare: { suspect: 0.95, invalid: 0.8 },
  /** Event-loop lag at p99, in milliseconds and as a share of the median TTFT; both must be exceeded. */
  loopLag: { suspect: { ms: 10, ttftShare: 0.05 }, invalid: { ms: 100, ttftShare: 0.5 } },
  /** Of each thread. */
  clientCpuShare: { suspect: 0.95 },
  /** Tokenizer count over usage; text that was split and joined rarely gives exactly the same count. */
  tokenizerRatio: { suspect: { low: 0.8, high: 1.25 } },
  sendDelayP99Ms: { suspect: 10, invalid: 1000 },
  /** A chat template is the same in all prompts, and a small part of each. */
  cachedShare: { suspect: 0.05 },
  /** A request that fails immediately ends at about the time of the last reply. */
  failuresAfterLastReplyS: { suspect: 0.1 },
} as const;

/** Judges a result by `thresholds`. */
export function judge(facts: FidelityFacts): Fidelity {
  const invalid: string[] = [];
  const suspect: string[] = [];
  const { numPrompts, completed, failed, partial, medianTtftMs, idlesOnPurpose, profiled, ...shown } = facts;

  if (completed === 0) invalid.push('no request completed');
  const failedShare = failed / Math.max(1, completed + failed);
  if (failedShare > thresholds.failedShare.suspect) {
    const list = failedShare > thresholds.failedShare.invalid ? invalid : suspect;
    list.push(`${failed} of ${completed + failed} requests failed`);
  }
  if (partial) suspect.push(`the test was stopped early: ${completed} of ${numPrompts} requests completed`);

  const share = facts.achieved_concurrency / (facts.asked_concurrency ?? facts.achieved_concurrency);
  if (share < thresholds.concurrencyShare.suspect && !partial && !idlesOnPurpose) {
    const list = share < thresholds.concurrencyShare.invalid ? invalid : suspect;
    const achieved = facts.achieved_concurrency.toFixed(1);
    list.push(`${achieved} of ${facts.asked_concurrency} requested streams were in flight on average`);
  }

  const { asked_rate: askedRate = 0, achieved_rate: achievedRate = 0 } = facts;
  const rateShare = askedRate > 0 ? achievedRate / askedRate : 1;
  if (rateShare < thresholds.rateShare.suspect) {
    const list = rateShare < thresholds.rateShare.invalid ? invalid : suspect;
    list.push(
      `${achievedRate.toFixed(1)} of ${askedRate.toFixed(1)} requested sends per second were achieved`,
    );
  }

  const lagMs = facts.loop_lag_ms.p99;
  const exceeds = (limit: { ms: number; ttftShare: number }): boolean =>
    lagMs > limit.ms && lagMs > limit.ttftShare * medianTtftMs;
  if (exceeds(thresholds.loopLag.suspect)) {
    const list = exceeds(thresholds.loopLag.invalid) ? invalid : suspect;
    list.push(
      `the client's event loop ran ${lagMs.toFixed(1)} ms late at p99: times may be off by this much`,
    );
  }
  const cpuShare = facts.client_cpu_share / facts.client_threads;
  if (cpuShare > thresholds.clientCpuShare.suspect) {
    suspect.push(
      `each of the client's threads used ${(100 * cpuShare).toFixed(0)} % of a core: it may be the bottleneck`,
    );
  }
  const { send_delay_p99_ms: delayMs } = facts;
  if (delayMs !== null && delayMs > thresholds.sendDelayP99Ms.suspect) {
    const list = delayMs > thresholds.sendDelayP99Ms.invalid ? invalid : suspect;
    list.push(`${facts.late_sends} requests were sent late, by ${delayMs.toFixed(1)} ms at p99`);
  }
  suspect.push(...reasonsOfDoubts(facts, completed));
  suspect.push(...reasonsOfSpread(facts.addresses ?? []));
  if (profiled !== undefined) {
    const end = profiled === 'stopped' ? '' : `, and it did not stop: ${profiled}`;
    suspect.push(`the server's profiler was on and slowed it${end}`);
  }
  const { tokenizer_check: check } = facts;
  if (check !== undefined) {
    const ratio = check.tokenizer_tokens / Math.max(1, check.usage_tokens);
    const { low, high } = thresholds.tokenizerRatio.suspect;
    if (ratio < low || ratio > high) {
      suspect.push(
        `the server counted ${check.usage_tokens} tokens, but the tokenizer counts ${check.tokenizer_tokens}`,
      );
    }
  }
  suspect.push(...unknownReasons(facts));
  return {
    verdict: invalid.length > 0 ? 'invalid' : suspect.length > 0 ? 'suspect' : 'checked',
    reasons: [...invalid, ...suspect],
    ...shown,
  };
}

/** What is missing from the result or left out of it, and why. */
function unknownReasons(facts: FidelityFacts): string[] {
  const reasons: string[] = [];
  const { unknown_input_lengths: inputs, unknown_output_lengths: outputs } = facts;
  if (inputs > 0) {
    reasons.push(
      `the prompt length of ${inputs} replies is unknown, and so are total input tokens and total throughput`,
    );
  }
  // Do not repeat a reason that the recorded doubts already give.
  if (outputs > facts.uncounted_replies) {
    reasons.push(
      `the number of tokens of ${outputs} replies is unknown, and so are total output tokens and throughput`,
    );
  }
  if (facts.unknown_first_tokens > facts.unstreamed_replies) {
    reasons.push(`the TTFT of ${facts.unknown_first_tokens} replies is unknown: TTFT figures exclude them`);
  }
  if (facts.failures_after_last_reply_s > thresholds.failuresAfterLastReplyS.suspect) {
    reasons.push(
      `failed requests ended up to ${facts.failures_after_last_reply_s.toFixed(1)} s after the last reply, which ends the measured duration`,
    );
  }
  const { cached_share_of_random_prompts: cached } = facts;
  if (cached !== null && cached > thresholds.cachedShare.suspect) {
    reasons.push(
      `${(100 * cached).toFixed(0)} % of the prompt tokens were in the server's prefix cache although prompts are random: it has seen these prompts before`,
    );
  }
  const { cached_share_beyond_ideal: beyond = null } = facts;
  if (cached === null && beyond !== null && beyond > thresholds.cachedShare.suspect) {
    reasons.push(
      `the server had ${(100 * beyond).toFixed(0)} % more of the prompt tokens in its prefix cache than this test sent before: it has seen some of these prompts in an earlier run`,
    );
  }
  return reasons;
}
