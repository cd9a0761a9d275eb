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

/** All backends under the names of vLLM's `bench serve`. To add one, add a file and a line here. */
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

/** The settings that determine a test's backend. */
export interface AskedBackend {
  readonly backend: BackendName;
  readonly endpoint?: string | undefined;
  readonly useChatTemplate: boolean;
}

/**
 * The backend that a test uses. A chat template requires the server's chat endpoint; otherwise a known endpoint
 * determines the backend.
 */
export function backendFor({ backend, endpoint, useChatTemplate }: AskedBackend): BackendName {
  const told = backendAt(endpoint, backend) ?? backend;
  return useChatTemplate && !takesMessages(told) ? 'openai-chat' : told;
}

/** Whether its prompts are chat messages, to which the server applies its template. */
export function takesMessages(name: BackendName): boolean {
  const { prompts }: Backend = backends[name];
  return prompts.includes('messages');
}

/** The backend for an endpoint, preferring the one asked for; undefined if the endpoint is unknown. */
export function backendAt(endpoint = '', asked?: BackendName): BackendName | undefined {
  const [path = ''] = endpoint.split('?');
  const endingOf = (name: BackendName): string => {
    const { pathEnding = '' }: Backend = backends[name];
    return path.replace(/\/+$/, '').endsWith(pathEnding) ? pathEnding : '';
  };
  const [best] = backendNames.toSorted((a, b) => endingOf(b).length - endingOf(a).length);
  if (best === undefined || endingOf(best) === '') return undefined;
  return asked !== undefined && endingOf(asked) === endingOf(best) ? asked : best;
}

export function isBackendName(name: string): name is BackendName {
  return Object.hasOwn(backends, name);
}

export const backendNames = Object.keys(backends).filter(isBackendName);
