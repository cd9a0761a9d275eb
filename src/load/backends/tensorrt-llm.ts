import type { Backend } from './backend.ts';
import { fieldOf, stringAt } from './json-fields.ts';

/** TensorRT-LLM behind Triton's `generate_stream`: new text in each event, no usage and no end mark but the end. */
export const tensorRtLlm: Backend = {
  path: '/v2/models/ensemble/generate_stream',
  prompts: ['text'],
  textKeys: ['text_output'],
  countsNoTokens: true,
  endsWithoutMark: true,
  envelope(_prompt, { outputTokens, ignoreEos, sampling, extraBody }) {
    const rest = {
      accumulate_tokens: false,
      temperature: 0,
      max_tokens: outputTokens,
      // It has no switch for the end token; a least length has the same effect.
      ...(ignoreEos ? { min_length: outputTokens } : {}),
      stream: true,
      ...sampling,
      ...extraBody,
    };
    return { before: '{"text_input":', after: `,${JSON.stringify(rest).slice(1)}` };
  },
  read(event) {
    const error = fieldOf(event, 'error');
    if (error !== undefined) return { text: '', error: String(error) };
    return { text: stringAt(event, 'text_output') ?? '' };
  },
};
