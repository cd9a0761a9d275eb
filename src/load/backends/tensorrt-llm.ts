import type { Backend } from './backend.ts';
import { restOfBody } from './body.ts';
import { fieldOf, stringAt } from './json-fields.ts';
import { eachToken, sampleEvents, sampleToken } from './sample.ts';
import { errorText } from './server-messages.ts';

/** TensorRT-LLM behind Triton's `generate_stream`: each event has new text; there is no usage and no end marker. */
export const tensorRtLlm: Backend = {
  path: '/v2/models/ensemble/generate_stream',
  tokenLimitField: 'max_tokens',
  prompts: ['text'],
  textKeys: ['text_output'],
  countsNoTokens: true,
  endsWithoutMark: true,
  envelope(_prompt, settings) {
    const { outputTokens, ignoreEos, sampling, tokenLimitField = this.tokenLimitField } = settings;
    const fields = {
      accumulate_tokens: false,
      temperature: 0,
      [tokenLimitField]: outputTokens,
      // It has no ignore_eos; a minimum length has the same effect.
      min_length: ignoreEos ? outputTokens : undefined,
      stream: true,
      ...sampling,
    };
    return { before: '{"text_input":', after: restOfBody(fields, settings) };
  },
  read(event) {
    const error = errorText(fieldOf(event, 'error'));
    if (error !== undefined) return { choices: [], error };
    const text = stringAt(event, 'text_output');
    if (text === undefined) return { choices: [], isUnknown: true };
    return { choices: [{ index: 0, answer: text, reasoning: '' }] };
  },
  sample: (_id, tokens) =>
    sampleEvents(
      eachToken(tokens, () => ({ model_name: 'ensemble', model_version: '1', text_output: sampleToken })),
    ),
};
