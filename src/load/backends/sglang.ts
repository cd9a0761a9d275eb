import type { Backend } from './backend.ts';
import { restOfBody } from './body.ts';
import { readCounts } from './counts.ts';
import { choiceIndexOf, fieldOf, listAt, objectAt, stringAt } from './json-fields.ts';
import { finishOf } from './openai-events.ts';
import { eachToken, sampleEvents, sampleToken } from './sample.ts';
import { errorText } from './server-messages.ts';

const countNames = {
  completion: [['completion_tokens']],
  prompt: [['prompt_tokens']],
  cached: [['cached_tokens']],
  reasoning: [['reasoning_tokens']],
} as const;

/**
 * SGLang's native `/generate`. Each event counts the tokens of its choice so far, and repeats the whole text, or
 * carries only new text if the server streams increments. Without a tokenizer, it sends only `output_ids`.
 */
export const sglang: Backend = {
  path: '/generate',
  tokenLimitField: 'max_new_tokens',
  hasLogprobs: true,
  prompts: ['token-ids', 'text'],
  // Events repeat all text, so they differ in more than new text and cannot be recognised by their bytes.
  textKeys: [],
  repeatsText: true,
  envelope(prompt, settings) {
    const { outputTokens, ignoreEos, sampling, logprobs, tokenLimitField = this.tokenLimitField } = settings;
    const samplingParams = {
      temperature: 0,
      [tokenLimitField]: outputTokens,
      ignore_eos: ignoreEos || undefined,
      ...sampling,
    };
    const field = prompt === 'token-ids' ? 'input_ids' : 'text';
    return {
      before: `{"${field}":`,
      after: restOfBody(
        {
          sampling_params: samplingParams,
          stream: true,
          return_logprob: logprobs === undefined ? undefined : true,
          top_logprobs_num: logprobs,
        },
        settings,
      ),
    };
  },
  read(event, prior) {
    const error = errorText(fieldOf(event, 'error'));
    if (error !== undefined) return { choices: [], error };
    const meta = objectAt(event, 'meta_info');
    const text = stringAt(event, 'text');
    if (meta === undefined && text === undefined && listAt(event, 'output_ids') === undefined) {
      return { choices: [], isUnknown: true };
    }
    const index = choiceIndexOf(fieldOf(event, 'index'), 0);
    const counts = readCounts(meta, countNames);
    const { completionTokens, ...others } = counts ?? {};
    const before = prior.answer(index);
    const isRepeated = text?.startsWith(before) === true;
    return {
      choices: [
        {
          index,
          answer: isRepeated ? text.slice(before.length) : (text ?? ''),
          reasoning: '',
          tokensSoFar: completionTokens,
          ...finishOf(fieldOf(meta, 'finish_reason')),
        },
      ],
      counts: others,
    };
  },
  sample: (id, tokens) =>
    sampleEvents(
      eachToken(tokens, (count, isLast) => ({
        text: sampleToken.repeat(count),
        output_ids: eachToken(count, (number) => 100 + number),
        meta_info: {
          id,
          finish_reason: isLast ? { type: 'length', length: tokens } : null,
          prompt_tokens: 8,
          completion_tokens: count,
          cached_tokens: 0,
        },
      })),
      ['[DONE]'],
    ),
};
