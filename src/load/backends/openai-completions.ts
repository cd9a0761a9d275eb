import type { Backend } from './backend.ts';
import { openAiFields, openAiLimitField } from './openai-body.ts';
import { readOpenAiEvent } from './openai-events.ts';
import { sampleOpenAi } from './sample.ts';

/** OpenAI's `/v1/completions`, as served by vLLM, SGLang, llama.cpp and others. Accepts token ids as prompts. */
export const openAiCompletions: Backend = {
  path: '/v1/completions',
  pathEnding: '/completions',
  tokenLimitField: openAiLimitField,
  hasLogprobs: true,
  prompts: ['token-ids', 'text'],
  textKeys: ['text'],
  envelope(_prompt, settings) {
    const { logprobs } = settings;
    return {
      before: '{"prompt":',
      after: openAiFields(settings, logprobs === undefined ? {} : { logprobs }),
    };
  },
  read: readOpenAiEvent,
  sample: (id, tokens) => sampleOpenAi(id, tokens, (text) => ({ text }), 'text_completion'),
};
