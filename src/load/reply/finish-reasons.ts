/** How a choice ended. */
export type Ending =
  | { readonly kind: 'good' }
  /** The server gave up: the reply is a failure. */
  | { readonly kind: 'failed' }
  /** A reason that none of the known engines gives. */
  | { readonly kind: 'unknown' };

/** Reasons of a whole reply, as OpenAI's and Anthropic's APIs, vLLM, SGLang, TGI, llama.cpp and Ollama give them. */
const goodReasons = new Set([
  'stop',
  'length',
  'eos',
  'eos_token',
  'end_turn',
  'end',
  'max_tokens',
  'max_output_tokens',
  'max_length',
  'stop_sequence',
  'stop_token',
  'stop_str',
  'tool_calls',
  'tool_call',
  'tool_use',
  'function_call',
  'completed',
  'complete',
  'done',
  'limit',
  'model_length',
  'repetition',
]);

/** Words in reasons of replies that were not finished. */
const failedReason =
  /abort|error|cancel|fail|filter|safety|timeout|timed.?out|overload|interrupt|disconnect|preempt|reject|evict|refus|recitation|blocklist|prohibit|incomplete|shed|drop|kill/i;

export function endingOf(reason: string): Ending {
  if (goodReasons.has(reason.toLowerCase())) return { kind: 'good' };
  return { kind: failedReason.test(reason) ? 'failed' : 'unknown' };
}
