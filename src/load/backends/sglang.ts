import type { Backend } from './backend.ts';
import { fieldOf, numberAt, objectAt, stringAt } from './json-fields.ts';

/** SGLang's native `/generate`: each event repeats the whole text so far and counts its tokens. */
export const sglang: Backend = {
  path: '/generate',
  prompts: ['token-ids', 'text'],
  // Events repeat all text, so none is like the last but for its new text.
  textKeys: [],
  envelope(prompt, { outputTokens, ignoreEos }) {
    const sampling = {
      temperature: 0,
      max_new_tokens: outputTokens,
      ...(ignoreEos ? { ignore_eos: true } : {}),
    };
    const field = prompt === 'token-ids' ? 'input_ids' : 'text';
    return {
      before: `{"${field}":`,
      after: `,${JSON.stringify({ sampling_params: sampling, stream: true }).slice(1)}`,
    };
  },
  read(event, priorTextLength) {
    const error = fieldOf(event, 'error');
    if (error !== undefined)
      return { textLength: 0, error: stringAt(error, 'message') ?? JSON.stringify(error) };
    const meta = objectAt(event, 'meta_info');
    const completionTokens = numberAt(meta, 'completion_tokens');
    const promptTokens = numberAt(meta, 'prompt_tokens');
    const finish = fieldOf(meta, 'finish_reason');
    return {
      textLength: Math.max(0, (stringAt(event, 'text')?.length ?? 0) - priorTextLength),
      ...(completionTokens === undefined ? {} : { completionTokens }),
      ...(promptTokens === undefined ? {} : { promptTokens }),
      ...(finish === undefined || finish === null ? {} : { finished: true }),
    };
  },
};
