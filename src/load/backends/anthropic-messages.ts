import type { Backend, ChoiceReading, EventReading } from './backend.ts';
import { restOfUsualBody } from './body.ts';
import { readCounts } from './counts.ts';
import { checkChoices, fieldOf, listAt, objectAt, stringAt } from './json-fields.ts';
import { finishOf } from './openai-events.ts';
import { eachToken, sampleEvents, sampleToken } from './sample.ts';
import { errorText, messageIn } from './server-messages.ts';

const countNames = {
  completion: [['output_tokens']],
  prompt: [['input_tokens']],
  cached: [['cache_read_input_tokens']],
  cachedAnew: [['cache_creation_input_tokens']],
} as const;

/** Anthropic's `/v1/messages`, which vLLM, SGLang and llama.cpp also serve. */
export const anthropicMessages: Backend = {
  path: '/v1/messages',
  pathEnding: '/messages',
  // Anthropic's own service rejects requests without it.
  headers: { 'Anthropic-Version': '2023-06-01' },
  tokenLimitField: 'max_tokens',
  prompts: ['text', 'messages'],
  textKeys: ['text', 'thinking', 'partial_json'],
  hasLastEvent: true,
  envelope(prompt, settings) {
    const after = restOfUsualBody(settings, this.tokenLimitField);
    return prompt === 'messages'
      ? { before: '{"messages":', after }
      : { before: '{"messages":[{"role":"user","content":', after: `}]${after}` };
  },
  read(event): EventReading {
    const read = readers.get(stringAt(event, 'type') ?? '');
    if (read !== undefined) return read(event);
    const error = errorText(fieldOf(event, 'error'));
    return error === undefined ? { choices: [], isUnknown: true } : { choices: [], error };
  },
  sample: (id, tokens) =>
    sampleEvents([
      {
        type: 'message_start',
        message: { id, type: 'message', role: 'assistant', usage: { input_tokens: 8, output_tokens: 0 } },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      ...eachToken(tokens, () => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text: sampleToken },
      })),
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'max_tokens' },
        usage: { output_tokens: tokens },
      },
      { type: 'message_stop' },
    ]),
};

const nothing = (): EventReading => ({ choices: [] });

/** How to read each type of event. */
const readers = new Map<string, (event: unknown) => EventReading>(
  Object.entries({
    // Its output token count belongs to a reply that has not started.
    message_start: (event: unknown): EventReading => {
      const { completionTokens: _, ...counts } =
        readCounts(objectAt(objectAt(event, 'message'), 'usage'), countNames) ?? {};
      return { choices: [], counts };
    },
    content_block_start: (event: unknown): EventReading => blockOf(objectAt(event, 'content_block')),
    content_block_delta: (event: unknown): EventReading => blockOf(objectAt(event, 'delta')),
    content_block_stop: nothing,
    ping: nothing,
    message_delta: (event: unknown): EventReading => {
      const counts = readCounts(objectAt(event, 'usage'), countNames);
      const finish = finishOf(fieldOf(objectAt(event, 'delta'), 'stop_reason'));
      return {
        choices: finish.finish === undefined ? [] : [{ index: 0, answer: '', reasoning: '', ...finish }],
        counts,
      };
    },
    message_stop: (): EventReading => ({ choices: [], isLast: true }),
    error: (event: unknown): EventReading => ({
      choices: [],
      error: errorText(fieldOf(event, 'error')) ?? messageIn(event) ?? 'an error without a message',
    }),
    /** A whole message, from a server that does not stream. */
    message: (event: unknown): EventReading => {
      const counts = readCounts(objectAt(event, 'usage'), countNames);
      const content = listAt(event, 'content') ?? [];
      checkChoices(content);
      const blocks = content.map(blockOf);
      return {
        choices: blocks.flatMap(({ choices }) => choices),
        isLast: true,
        counts,
        hidesTokens: blocks.some(({ hidesTokens }) => hidesTokens === true),
      };
    },
  }),
);

/** What a block, or part of one, contains: text, reasoning, or the arguments of a tool call. */
function blockOf(block: unknown): EventReading {
  // A signature follows a reasoning block. A block that was not shown has tokens all the same.
  if (/redacted|signature/i.test(stringAt(block, 'type') ?? '')) return { choices: [], hidesTokens: true };
  const answer = stringAt(block, 'text') ?? '';
  const reasoning = stringAt(block, 'thinking') ?? '';
  const hasOtherOutput =
    (stringAt(block, 'partial_json') ?? '') !== '' || objectAt(block, 'input') !== undefined;
  const choice: ChoiceReading = {
    index: 0,
    answer,
    reasoning,
    hasOtherOutput,
  };
  // A block that opens without text, or a signature, is not a token.
  return { choices: answer === '' && reasoning === '' && !hasOtherOutput ? [] : [choice] };
}
