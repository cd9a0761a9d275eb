import { anthropicMessages } from './anthropic-messages.ts';
import type { Backend, Pooling } from './backend.ts';
import { ollama, ollamaChat } from './ollama.ts';
import { openAiChat } from './openai-chat.ts';
import { openAiCompletions } from './openai-completions.ts';
import { openAiResponses } from './openai-responses.ts';
import { openAiEmbeddings, openAiEmbeddingsChat, vllmPooling, vllmRerank } from './pooled.ts';
import { sglang } from './sglang.ts';
import { tensorRtLlm } from './tensorrt-llm.ts';
import { tgi } from './tgi.ts';

export type {
  Backend,
  ChoiceReading,
  CountsReading,
  EnvelopeSettings,
  EventReading,
  Pooling,
  PriorReply,
  PromptBody,
} from './backend.ts';

/** Backends whose servers generate text, under the names of vLLM's `bench serve`. */
const generating = {
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

/** All backends. To add one, add a file and a line here, or above if its server generates text. */
export const backends = {
  ...generating,
  'openai-embeddings': openAiEmbeddings,
  'openai-embeddings-chat': openAiEmbeddingsChat,
  'vllm-pooling': vllmPooling,
  'vllm-rerank': vllmRerank,
} satisfies Record<string, Backend>;

export type BackendName = keyof typeof backends;
export type GeneratingBackend = keyof typeof generating;

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
  return useChatTemplate && !takesMessages(told) && isGenerating(told) ? 'openai-chat' : told;
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

/** What the servers of a backend compute of whole inputs; undefined if they generate text. */
export function poolingOf(name: BackendName): Pooling | undefined {
  const { pools }: Backend = backends[name];
  return pools;
}

export function isBackendName(name: string): name is BackendName {
  return Object.hasOwn(backends, name);
}

export const backendNames = Object.keys(backends).filter(isBackendName);

function isGenerating(name: string): name is GeneratingBackend {
  return Object.hasOwn(generating, name);
}

export const generatingBackends = backendNames.filter(isGenerating);
