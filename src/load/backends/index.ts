import { anthropicMessages } from './anthropic-messages.ts';
import type { Backend } from './backend.ts';
import { ollama, ollamaChat } from './ollama.ts';
import { openAiChat } from './openai-chat.ts';
import { openAiCompletions } from './openai-completions.ts';
import { openAiResponses } from './openai-responses.ts';
import { sglang } from './sglang.ts';
import { tensorRtLlm } from './tensorrt-llm.ts';
import { tgi } from './tgi.ts';

export type {
  Backend,
  ChoiceReading,
  CountsReading,
  EnvelopeSettings,
  EventReading,
  PriorReply,
  PromptBody,
} from './backend.ts';

/** Every backend by the name that vLLM's `bench serve` gives it; adding one is a file and a line here. */
export const backends = {
  openai: openAiCompletions,
  'openai-chat': openAiChat,
  vllm: openAiCompletions,
  sglang,
  'tensorrt-llm': tensorRtLlm,
  'llama.cpp': openAiCompletions,
  'openai-responses': openAiResponses,
  anthropic: anthropicMessages,
  ollama,
  'ollama-chat': ollamaChat,
  tgi,
} satisfies Record<string, Backend>;

export type BackendName = keyof typeof backends;

export function isBackendName(name: string): name is BackendName {
  return Object.hasOwn(backends, name);
}

export const backendNames = Object.keys(backends).filter(isBackendName);
