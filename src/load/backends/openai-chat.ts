import type { Backend } from './backend.ts';
import { objectAt, stringAt } from './json-fields.ts';
import { openAiFields } from './openai-body.ts';
import { readOpenAiEvent } from './openai-events.ts';

/** Where chat deltas carry generated text: the answer, or reasoning under the names that servers use for it. */
const textKeys = ['content', 'reasoning_content', 'reasoning'];

/** OpenAI's `/v1/chat/completions`; the server applies the model's chat template. Reasoning tokens are tokens. */
export const openAiChat: Backend = {
  path: '/v1/chat/completions',
  prompts: ['text', 'messages'],
  textKeys,
  envelope(prompt, settings) {
    const fields = openAiFields(settings);
    return prompt === 'messages'
      ? { before: '{"messages":', after: fields }
      : { before: '{"messages":[{"role":"user","content":', after: `}]${fields}` };
  },
  read: (event) => readOpenAiEvent(event, deltaText),
};

function deltaText(choice: unknown): string {
  const delta = objectAt(choice, 'delta');
  let text = '';
  for (const key of textKeys) text += stringAt(delta, key) ?? '';
  return text;
}
