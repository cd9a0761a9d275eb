import type { Backend } from './backend.ts';
import { objectAt, stringAt } from './json-fields.ts';
import { readOpenAiEvent } from './openai-events.ts';

/** Where chat deltas carry generated text: the answer, or reasoning under the names that servers use for it. */
const textKeys = ['content', 'reasoning_content', 'reasoning'];

/** OpenAI's `/v1/chat/completions`; the server applies the model's chat template. Reasoning tokens are tokens. */
export const openAiChat: Backend = {
  path: '/v1/chat/completions',
  prompts: ['text', 'messages'],
  textKeys,
  envelope(prompt, { model, outputTokens, ignoreEos }) {
    const rest = {
      model,
      max_tokens: outputTokens,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
      ...(ignoreEos ? { ignore_eos: true } : {}),
    };
    const fields = `,${JSON.stringify(rest).slice(1)}`;
    return prompt === 'messages'
      ? { before: '{"messages":', after: fields }
      : { before: '{"messages":[{"role":"user","content":', after: `}]${fields}` };
  },
  read: (event) => readOpenAiEvent(event, deltaLength),
};

function deltaLength(choice: unknown): number {
  const delta = objectAt(choice, 'delta');
  let length = 0;
  for (const key of textKeys) length += stringAt(delta, key)?.length ?? 0;
  return length;
}
