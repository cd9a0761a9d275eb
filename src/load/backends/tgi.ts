import type { Backend, EventReading } from './backend.ts';
import { restOfBody } from './body.ts';
import { readCounts } from './counts.ts';
import { fieldOf, objectAt, stringAt } from './json-fields.ts';
import { finishOf } from './openai-events.ts';
import { eachToken, sampleEvents, sampleToken } from './sample.ts';
import { errorText } from './server-messages.ts';

const countNames = { completion: [['generated_tokens']], prompt: [['input_length']] } as const;

/** Text Generation Inference's native `/generate_stream`: one token per event, with the counts in the last one. */
export const tgi: Backend = {
  path: '/generate_stream',
  tokenLimitField: 'max_new_tokens',
  prompts: ['text'],
  textKeys: [],
  hasLastEvent: true,
  envelope(_prompt, settings) {
    const { outputTokens, ignoreEos, sampling, tokenLimitField = this.tokenLimitField } = settings;
    const parameters = {
      [tokenLimitField]: outputTokens,
      // It rejects a temperature of 0; disabling sampling is equivalent.
      do_sample: false,
      details: true,
      ignore_eos_token: ignoreEos || undefined,
      ...sampling,
    };
    return { before: '{"inputs":', after: restOfBody({ parameters, stream: true }, settings) };
  },
  read(event): EventReading {
    const error = errorText(fieldOf(event, 'error'));
    if (error !== undefined) return { choices: [], error };
    const token = objectAt(event, 'token');
    const generated = stringAt(event, 'generated_text');
    if (token === undefined && generated === undefined) return { choices: [], isUnknown: true };
    const details = objectAt(event, 'details');
    const counts = readCounts(details, countNames);
    const finish = finishOf(fieldOf(details, 'finish_reason'));
    return {
      choices: [
        {
          index: 0,
          answer: stringAt(token, 'text') ?? (token === undefined ? (generated ?? '') : ''),
          reasoning: '',
          tokens: token === undefined ? undefined : 1,
          ...finish,
        },
      ],
      counts,
      isLast: generated !== undefined,
    };
  },
  sample: (_id, tokens) =>
    sampleEvents(
      eachToken(tokens, (count, isLast) => ({
        index: count,
        token: { id: 100 + count, text: sampleToken, logprob: -0.5, special: false },
        generated_text: isLast ? sampleToken.repeat(tokens) : null,
        details: isLast ? { finish_reason: 'length', generated_tokens: tokens, input_length: 8 } : null,
      })),
    ),
};
