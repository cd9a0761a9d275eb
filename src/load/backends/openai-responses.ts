import type { Backend, ChoiceReading, EventReading } from './backend.ts';
import { restOfUsualBody } from './body.ts';
import { readCounts } from './counts.ts';
import { fieldOf, objectAt, stringAt } from './json-fields.ts';
import { eachToken, sampleEvents, sampleToken } from './sample.ts';
import { errorText } from './server-messages.ts';

const countNames = {
  completion: [['output_tokens']],
  prompt: [['input_tokens']],
  cached: [['input_tokens_details', 'cached_tokens']],
  total: [['total_tokens']],
  reasoning: [['output_tokens_details', 'reasoning_tokens']],
} as const;

/** The only reason for an incomplete response that is acceptable: it has the requested length. */
const lengthReason = 'max_output_tokens';

/** OpenAI's `/v1/responses`: events by type, with the counts in the last one. */
export const openAiResponses: Backend = {
  path: '/v1/responses',
  pathEnding: '/responses',
  tokenLimitField: 'max_output_tokens',
  prompts: ['text', 'messages'],
  textKeys: ['delta'],
  hasLastEvent: true,
  envelope(_prompt, settings) {
    return { before: '{"input":', after: restOfUsualBody(settings, this.tokenLimitField) };
  },
  read(event): EventReading {
    const type = stringAt(event, 'type');
    const response =
      objectAt(event, 'response') ?? (stringAt(event, 'object') === 'response' ? event : undefined);
    if (type === 'error') return { choices: [], error: errorText(event) ?? 'an error without a message' };
    if (type?.startsWith('response.') !== true && response === undefined)
      return { choices: [], isUnknown: true };
    const error = errorText(fieldOf(response, 'error'));
    if (error !== undefined) return { choices: [], error };
    if (type?.endsWith('.delta') === true) return { choices: [readDelta(type, event)] };
    const status = stringAt(response, 'status') ?? type?.split('.').at(-1) ?? '';
    if (!['completed', 'incomplete', 'failed', 'cancelled'].includes(status)) return { choices: [] };
    const reason = stringAt(objectAt(response, 'incomplete_details'), 'reason');
    const isGood = status === 'completed' || reason === lengthReason;
    const counts = readCounts(objectAt(response, 'usage'), countNames);
    if (!isGood)
      return { choices: [], error: `the response is ${status}${reason === undefined ? '' : `: ${reason}`}` };
    return { choices: [], isLast: true, counts };
  },
  sample(id, tokens) {
    const response = { id, object: 'response', model: 'model' };
    const usage = { input_tokens: 8, output_tokens: tokens, total_tokens: 8 + tokens };
    return sampleEvents([
      { type: 'response.created', response: { ...response, status: 'in_progress' } },
      ...eachToken(tokens, () => ({
        type: 'response.output_text.delta',
        item_id: 'message',
        output_index: 0,
        content_index: 0,
        delta: sampleToken,
      })),
      { type: 'response.completed', response: { ...response, status: 'completed', usage } },
    ]);
  },
};

/** Text of the answer or the reasoning, or something that is not text. */
function readDelta(type: string, event: unknown): ChoiceReading {
  const text = stringAt(event, 'delta') ?? '';
  const index = 0;
  if (/reasoning/.test(type)) return { index, answer: '', reasoning: text };
  if (/text|refusal|transcript/.test(type)) return { index, answer: text, reasoning: '' };
  return { index, answer: '', reasoning: '', hasOtherOutput: text !== '' };
}
