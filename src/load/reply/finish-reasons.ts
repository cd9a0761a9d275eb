import { joined, speaksOfFailure, wordsOf } from '../backends/failure-words.ts';
import { remembered } from '../backends/remembered.ts';

/** How a choice ended. */
export type ChoiceEnding =
  | { readonly kind: 'good' }
  /** The server gave up: the reply is a failure. */
  | { readonly kind: 'failed' }
  /** A reason that none of the known engines gives. */
  | { readonly kind: 'unknown' };

/**
 * The words of which reasons of a whole reply are made, as OpenAI's, Anthropic's, Google's, Amazon's and Cohere's APIs,
 * vLLM, SGLang, TensorRT-LLM, TGI, llama.cpp, LMDeploy, MLC and Ollama give them. A reason of these words alone is good.
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
/** Words that say only together with one of the others why a reply is whole. */
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

/** What reasons of replies that were not finished say, beside the words of any failure. */
const failedWords =
  /_(filter|contentfilter|safety|image_safety|recit|block|prohibit|incomplete|guardrail|spii|moderat|toxic|policy|unexpected|sensitiv|violat|unsafe|offens|inappropriat|censor|flagged|copyright|harmful|too_many|quota|rate_limit|time_limit|disabled|shutting|refusal)/;
/** What cannot be told apart from a part of a longer word that has nothing to do with it is not among these. */
const failedParts = /abort|error|cancel|timeout|overload|interrupt|disconnect|preempt|exception|filter/i;

/** What is said of how a choice ended by its reason, or by the part of it before a message. */
export const endingOf = remembered((reason): ChoiceEnding => {
  if (speaksOfFailure(reason) || failedWords.test(joined(reason))) return { kind: 'failed' };
  const [head = ''] = reason.split(':', 1);
  const words = wordsOf(head);
  const isGood = words.every((word) => goodWords.has(word)) && words.some((word) => !helpingWords.has(word));
  if (isGood) return { kind: 'good' };
  return { kind: failedParts.test(head.slice(0, longestReason)) ? 'failed' : 'unknown' };
});

/** Reasons that a server gives with every event before the last: the choice goes on. */
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

/** Whether what stands as a reason says that the choice is not over. */
export const isNoEnd = remembered(
  (reason): boolean => reason.trim() === '' || goesOn.has(wordsOf(reason).join('_')),
);

/** Whether a reason says that the choice is as long as asked. */
export const isByLength = remembered((reason): boolean =>
  /length|max.?(output.?|new.?)?tokens|^limit$/i.test(reason),
);

const longestReason = 100;

/** A reason as it is shown: without the rest of an endless one. */
export function shownReason(reason: string): string {
  return JSON.stringify(reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason);
}
