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

/** What tells how a test asks its server. */
export interface AskedBackend {
  readonly backend: BackendName;
  readonly endpoint?: string | undefined;
  readonly useChatTemplate: boolean;
}

/**
 * The backend a test is sent with: a chat template is applied by the server, which does so on its chat endpoint, and an
 * endpoint that is known tells the rest.
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

/** The backend whose requests an endpoint takes, the one asked for if it is among them; undefined if it tells none. */
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
