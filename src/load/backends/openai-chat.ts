import type { Backend } from './backend.ts';
import { openAiFields, openAiLimitField } from './openai-body.ts';
import { readOpenAiEvent } from './openai-events.ts';
import { sampleOpenAi } from './sample.ts';

/** OpenAI's `/v1/chat/completions`. The server applies the model's chat template. Reasoning tokens count as tokens. */
export const openAiChat: Backend = {
  path: '/v1/chat/completions',
  pathEnding: '/chat/completions',
  tokenLimitField: openAiLimitField,
  hasLogprobs: true,
  prompts: ['text', 'messages'],
  textKeys: ['content', 'reasoning_content', 'reasoning'],
  envelope(prompt, settings) {
    const { logprobs } = settings;
    const fields = openAiFields(
      settings,
      logprobs === undefined ? {} : { logprobs: true, top_logprobs: logprobs },
    );
    return prompt === 'messages'
      ? { before: '{"messages":', after: fields }
      : { before: '{"messages":[{"role":"user","content":', after: `}]${fields}` };
  },
  read: readOpenAiEvent,
  sample: (id, tokens) =>
    sampleOpenAi(id, tokens, (content) => ({ delta: { content } }), 'chat.completion.chunk'),
};
