import type { Backend } from './backend.ts';
import { openAiFields } from './openai-body.ts';
import { readOpenAiEvent } from './openai-events.ts';

/** OpenAI's `/v1/completions`, as vLLM, SGLang, llama.cpp and others serve it; takes token ids as a prompt. */
export const openAiCompletions: Backend = {
  path: '/v1/completions',
  prompts: ['token-ids', 'text'],
  textKeys: ['text'],
  envelope: (_prompt, settings) => ({ before: '{"prompt":', after: openAiFields(settings) }),
  read: readOpenAiEvent,
};
