import type { Backend } from './backend.ts';
import { fieldOf, numberAt, objectAt, stringAt } from './json-fields.ts';

/**
 * SGLang's native `/generate`: each event counts the tokens so far and repeats the whole text, or carries only what is
 * new of it where the server was told to stream increments.
 */
export const sglang: Backend = {
  path: '/generate',
  prompts: ['token-ids', 'text'],
  // Events repeat all text, so none is like the last but for its new text.
  textKeys: [],
  envelope(prompt, { outputTokens, ignoreEos, sampling, extraBody }) {
    const samplingParams = {
      temperature: 0,
      max_new_tokens: outputTokens,
      ...(ignoreEos ? { ignore_eos: true } : {}),
      ...sampling,
    };
    const field = prompt === 'token-ids' ? 'input_ids' : 'text';
    return {
      before: `{"${field}":`,
      after: `,${JSON.stringify({ sampling_params: samplingParams, stream: true, ...extraBody }).slice(1)}`,
    };
  },
  read(event, prior) {
    const error = fieldOf(event, 'error');
    if (error !== undefined) return { text: '', error: stringAt(error, 'message') ?? JSON.stringify(error) };
    const meta = objectAt(event, 'meta_info');
    const completionTokens = numberAt(meta, 'completion_tokens');
    const promptTokens = numberAt(meta, 'prompt_tokens');
    const finish = fieldOf(meta, 'finish_reason');
    const text = stringAt(event, 'text') ?? '';
    const repeats = text.length > prior.textLength;
    // Text that is no longer than before but brings tokens is an increment.
    const isNew = repeats || (completionTokens ?? 0) > prior.completionTokens;
    return {
      text: repeats ? text.slice(prior.textLength) : isNew ? text : '',
      ...(completionTokens === undefined ? {} : { completionTokens }),
      ...(promptTokens === undefined ? {} : { promptTokens }),
      ...(finish === undefined || finish === null ? {} : { finished: true }),
    };
  },
};
