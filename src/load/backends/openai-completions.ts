import type { Backend } from './backend.ts';
import { stringAt } from './json-fields.ts';
import { readOpenAiEvent } from './openai-events.ts';

/** OpenAI's `/v1/completions`, as vLLM, SGLang, llama.cpp and others serve it; takes token ids as a prompt. */
export const openAiCompletions: Backend = {
  path: '/v1/completions',
  prompts: ['token-ids', 'text'],
  textKeys: ['text'],
  envelope(_prompt, { model, outputTokens, ignoreEos }) {
    const rest = {
      model,
      max_tokens: outputTokens,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
      ...(ignoreEos ? { ignore_eos: true } : {}),
    };
    return { before: '{"prompt":', after: `,${JSON.stringify(rest).slice(1)}` };
  },
  read: (event) => readOpenAiEvent(event, (choice) => stringAt(choice, 'text')?.length ?? 0),
};
