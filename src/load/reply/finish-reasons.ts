import { joined, speaksOfFailure, wordsOf } from '../backends/failure-words.ts';
import { remembered } from '../backends/remembered.ts';

/** How a choice ended. */
export type ChoiceEnding =
  | { readonly kind: 'good' }
  /** The server gave up: the reply is a failure. */
  | { readonly kind: 'failed' }
  /** A reason that no known engine gives. */
  | { readonly kind: 'unknown' };

/**
 * Words in the finish reasons of complete replies, as given by the APIs of OpenAI, Anthropic, Google, Amazon and
 * Cohere, and by vLLM, SGLang, TensorRT-LLM, TGI, llama.cpp, LMDeploy, MLC and Ollama. A reason that consists of these
 * words is good.
 */
const goodWords = new Set([
  // The k of TensorRT-LLM's `kEND_ID`.
  'k',
  'finish',
  'finished',
  'stop',
  'stops',
  'stopped',
  'end',
  'ended',
  'eos',
  'eot',
  'eod',
  'endoftext',
  'complete',
  'completed',
  'completion',
  'done',
  'success',
  'natural',
  'normal',
  'finishreason',
  'reason',
  'length',
  'len',
  'max',
  'maximum',
  'new',
  'output',
  'limit',
  'limited',
  'cap',
  'capped',
  'budget',
  'reached',
  'hit',
  'met',
  'criteria',
  'matched',
  'match',
  'model',
  'context',
  'window',
  'size',
  'exceeded',
  'token',
  'tokens',
  'id',
  'ids',
  'maxtokens',
  'sequence',
  'sequences',
  'seq',
  'string',
  'str',
  'word',
  'words',
  'text',
  'turn',
  'endturn',
  'of',
  'tool',
  'tools',
  'use',
  'function',
  'call',
  'calls',
  'toolcalls',
  'tooluse',
  'functioncall',
  'repetition',
  'stopsequence',
  'stoptoken',
  'eostoken',
  'by',
]);
/** Words that do not identify a good ending on their own. */
const helpingWords = new Set([
  'k',
  'reason',
  'finishreason',
  'of',
  'by',
  'new',
  'id',
  'ids',
  'model',
  'exceeded',
]);

/** Words in the reasons of unfinished replies, in addition to general failure words. */
const failedWords =
  /_(filter|contentfilter|safety|image_safety|recit|block|prohibit|incomplete|guardrail|spii|moderat|toxic|policy|unexpected|sensitiv|violat|unsafe|offens|inappropriat|censor|flagged|copyright|harmful|too_many|quota|rate_limit|time_limit|disabled|shutting|refusal)/;
/** Failure words that may be part of a longer word. Excludes those that also occur in unrelated words. */
const failedParts = /abort|error|cancel|timeout|overload|interrupt|disconnect|preempt|exception|filter/i;

/** How a choice ended, from its reason or the part of the reason before a message. */
export const endingOf = remembered((reason): ChoiceEnding => {
  if (speaksOfFailure(reason) || failedWords.test(joined(reason))) return { kind: 'failed' };
  const [head = ''] = reason.split(':', 1);
  const words = wordsOf(head);
  const isGood = words.every((word) => goodWords.has(word)) && words.some((word) => !helpingWords.has(word));
  if (isGood) return { kind: 'good' };
  return { kind: failedParts.test(head.slice(0, longestReason)) ? 'failed' : 'unknown' };
});

/** Reasons that servers send with every event but the last: the choice continues. */
const goesOn = new Set([
  'none',
  'null',
  'nil',
  'undefined',
  'unspecified',
  'finish_reason_unspecified',
  'running',
  'in_progress',
  'not_finished',
  'k_not_finished',
  'unfinished',
]);

/** Whether a finish reason says that the choice is not over. */
export const isNoEnd = remembered(
  (reason): boolean => reason.trim() === '' || goesOn.has(wordsOf(reason).join('_')),
);

/** Whether a reason says that the choice has the requested length. */
export const isByLength = remembered((reason): boolean =>
  /length|max.?(output.?|new.?)?tokens|^limit$/i.test(reason),
);

const longestReason = 100;

/** A reason for display, truncated if it is very long. */
export function shownReason(reason: string): string {
  return JSON.stringify(reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason);
}
