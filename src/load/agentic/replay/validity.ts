import { isPublicCorpus, publicReplay } from '../corpora.ts';
import type { ReplayedCorpus } from './replay.ts';
import type { ReplayRules } from './schedule.ts';

/** Why a run cannot be submitted to the public benchmark (contract F6). */
export type InvalidReason =
  | 'unsafe_override'
  | 'context_overflow_rate_exceeded'
  | 'run_cancelled'
  | 'insufficient_profile_metric_coverage';

export interface ReplayValidity {
  readonly submission_valid: boolean;
  readonly submission_invalid_reasons: readonly InvalidReason[];
  /** The rules of the benchmark that the run did not keep, in words. */
  readonly overrides: readonly string[];
}

/** What a run did, as far as the rules judge it. */
export interface ReplayFacts {
  readonly durationS: number;
  /** From the start of the measured phase to the end of its last successful request. */
  readonly coveredS: number;
  readonly responses: number;
  readonly contextOverflows: number;
  readonly isCancelled: boolean;
  readonly corpus: ReplayedCorpus;
  readonly rules: Pick<ReplayRules, 'systemIdleCapS' | 'treeIdleCapS'>;
  readonly ignoresEos: boolean;
}

const shortestS = 900;
const mostOverflows = 0.01;
const leastCoverage = 0.95;

export function validityOf(facts: ReplayFacts): ReplayValidity {
  const overrides = overridesOf(facts);
  const { responses, contextOverflows, isCancelled, coveredS, durationS } = facts;
  const reasons: readonly (InvalidReason | undefined)[] = [
    overrides.length > 0 ? 'unsafe_override' : undefined,
    contextOverflows > mostOverflows * responses ? 'context_overflow_rate_exceeded' : undefined,
    isCancelled ? 'run_cancelled' : undefined,
    coveredS < leastCoverage * durationS ? 'insufficient_profile_metric_coverage' : undefined,
  ];
  const found = reasons.filter((reason) => reason !== undefined);
  return { submission_valid: found.length === 0, submission_invalid_reasons: found, overrides };
}

function overridesOf({ durationS, corpus, rules, ignoresEos }: ReplayFacts): readonly string[] {
  const { systemIdleCapS, treeIdleCapS } = rules;
  const { systemIdleCapS: systemS, treeIdleCapS: treeS } = publicReplay;
  // Lower caps shorten recorded pauses.
  const keepsPauses = systemIdleCapS >= systemS && treeIdleCapS >= treeS;
  return [
    durationS < shortestS ? `the measured phase is ${durationS} s, shorter than ${shortestS} s` : undefined,
    corpus.id === undefined || !isPublicCorpus(corpus.id)
      ? `the traces are not a public corpus: ${corpus.name}`
      : undefined,
    corpus.isPart ? 'only a part of the corpus was replayed' : undefined,
    keepsPauses
      ? undefined
      : `idle pauses were capped at ${systemIdleCapS} s and ${treeIdleCapS} s, not at ${systemS} s and ${treeS} s`,
    ignoresEos ? undefined : 'replies may end before the requested length',
  ].filter((rule) => rule !== undefined);
}
