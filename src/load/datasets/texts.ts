import type { PromptBody } from '../backends/index.ts';
import { Random } from '../random.ts';
import { rankingJson } from './composed.ts';
import type { Dataset, Prompt, Said } from './dataset.ts';
import { ordinaryTokenIds } from './vocabulary.ts';
import { commonWords } from './words.ts';

/** A chat message in the server's format; only the fields used here are typed. */
export interface ChatMessage {
  readonly role: string;
  /** Text, or a list of parts; parts with `text` are text. */
  readonly content?: unknown;
}

/** A prompt that is sent as given: text, chat messages or token ids. */
export type GivenPrompt = {
  readonly outputTokens: number;
  /** For a later turn of a conversation, the pause after the previous reply, in milliseconds. */
  readonly pauseBeforeMs?: number | undefined;
  /** Further fields of its request's body, such as `tools` or `response_format`. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
} & (
  | { readonly text: string }
  | { readonly messages: readonly ChatMessage[] }
  | { readonly tokenIds: readonly number[] }
  | {
      /** Several inputs of one request, for embedding servers. */
      readonly texts: readonly string[];
    }
  | {
      /** Documents to rank. */
      readonly query: string;
      readonly documents: readonly unknown[];
    }
);

/** Given prompts. Their lengths in tokens are counted by the server, except for token ids. */
export interface TextsSpec {
  readonly kind: 'texts';
  readonly prompts: readonly GivenPrompt[];
}

/** The kind of body that a backend must support for a prompt. */
export function bodyKindOf(prompt: GivenPrompt): PromptBody['kind'] {
  if ('text' in prompt) return 'text';
  if ('texts' in prompt) return 'list';
  if ('query' in prompt) return 'ranking';
  return 'messages' in prompt ? 'messages' : 'token-ids';
}

/** All text in a prompt; undefined for token ids. */
export function textIn(prompt: GivenPrompt): string | undefined {
  if ('text' in prompt) return prompt.text;
  if ('texts' in prompt) return prompt.texts.join('\n');
  if ('query' in prompt) return [prompt.query, ...prompt.documents.map(documentText)].join('\n');
  return 'messages' in prompt
    ? prompt.messages.map(({ content }) => contentText(content)).join('\n')
    : undefined;
}

/** The text of a document, which some servers take as an object. */
function documentText(document: unknown): string {
  if (typeof document === 'string') return document;
  const text: unknown =
    typeof document === 'object' && document !== null ? Reflect.get(document, 'text') : undefined;
  return typeof text === 'string' ? text : '';
}

/** How many results a server that generates nothing has for a prompt. */
function inputsOf(prompt: GivenPrompt): number {
  return 'texts' in prompt ? prompt.texts.length : 'query' in prompt ? prompt.documents.length : 1;
}

/** The text of a message's content, which may be a string or a list of parts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => {
      if (typeof part === 'string') return part;
      const text: unknown = typeof part === 'object' && part !== null ? Reflect.get(part, 'text') : undefined;
      return typeof text === 'string' ? text : '';
    })
    .join('');
}

/** The given prompts in order, repeated from the first if more are requested. */
export class TextsDataset implements Dataset {
  readonly length: number;
  readonly #prompts: readonly GivenPrompt[];
  readonly #tokens: readonly number[] | undefined;

  /** `tokens`: the tokenizer's count for each prompt. */
  constructor({ prompts }: TextsSpec, length: number, tokens: readonly number[] | undefined) {
    this.#prompts = prompts;
    this.#tokens = tokens;
    this.length = prompts.length === 0 ? 0 : length;
  }

  prompt(index: number, said: Said = []): Prompt {
    const at = index % this.#prompts.length;
    const given = this.#prompts[at];
    if (given === undefined) throw new Error(`there is no prompt ${index}`);
    const prompt = said.length === 0 ? given : withReplies(given, said);
    const estimatedInputTokens = this.#tokens?.[at];
    return {
      body: bodyOf(prompt),
      inputTokens: 'tokenIds' in prompt ? prompt.tokenIds.length : undefined,
      estimatedInputTokens,
      outputTokens: prompt.outputTokens,
      inputs: inputsOf(prompt),
      extraBody: prompt.extraBody,
    };
  }

  pauseBeforeMs(index: number): number | undefined {
    return index < this.length ? this.#prompts[index % this.#prompts.length]?.pauseBeforeMs : undefined;
  }
}

/** The prompt of a later turn with the server's replies instead of the recorded ones. */
function withReplies(prompt: GivenPrompt, said: Said): GivenPrompt {
  if (!('messages' in prompt)) return prompt;
  let turn = 0;
  const messages = prompt.messages.map((message) => {
    const reply = message.role === 'assistant' ? said[turn++] : undefined;
    return reply === undefined ? message : { ...message, content: reply };
  });
  return { ...prompt, messages };
}

/** The JSON of a given prompt. */
export function bodyOf(prompt: GivenPrompt): PromptBody {
  return { kind: bodyKindOf(prompt), json: jsonOf(prompt) };
}

function jsonOf(prompt: GivenPrompt): Uint8Array {
  const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
  if ('query' in prompt) return rankingJson(bytes(prompt.query), bytes(prompt.documents));
  if ('text' in prompt) return bytes(prompt.text);
  if ('texts' in prompt) return bytes(prompt.texts);
  return bytes('messages' in prompt ? prompt.messages : prompt.tokenIds);
}

/** Words or token ids at the start of a warm-up prompt; drawn for each prompt, so that no other starts with them. */
const headLength = 6;

/**
 * Creates `count` prompts that resemble the given ones but share no prefix with any of them, so that sending them
 * leaves nothing of the measured prompts in a prefix cache: drawn words replace the beginning of each prompt. The same
 * seed gives the same prompts.
 */
export function warmUpTexts({ prompts }: TextsSpec, count: number, seed: number): TextsSpec {
  const random = new Random(seed);
  const length = prompts.length === 0 ? 0 : count;
  return {
    kind: 'texts',
    prompts: Array.from({ length }, (_, index) => {
      const prompt = prompts[index % prompts.length];
      if (prompt === undefined) throw new Error('there are no prompts');
      return withOtherHead(prompt, random);
    }),
  };
}

function withOtherHead(prompt: GivenPrompt, random: Random): GivenPrompt {
  if ('tokenIds' in prompt) {
    const { low, high } = ordinaryTokenIds;
    // Any id but the measured one, so that every token of the beginning differs.
    const head = prompt.tokenIds.slice(0, headLength).map((id) => {
      const other = random.integer(low, high);
      return other === id ? (other === low ? high : low) : other;
    });
    return { ...prompt, tokenIds: [...head, ...prompt.tokenIds.slice(headLength)] };
  }
  const words = Array.from(
    { length: headLength },
    () => commonWords[random.integer(0, commonWords.length - 1)] ?? '',
  );
  const head = `${words.join(' ')}. `;
  if ('text' in prompt) return { ...prompt, text: replaceHead(prompt.text, head) };
  if ('texts' in prompt) return { ...prompt, texts: prompt.texts.map((text) => replaceHead(text, head)) };
  if ('query' in prompt) return { ...prompt, query: replaceHead(prompt.query, head) };
  const [first, ...rest] = prompt.messages;
  return { ...prompt, messages: [...withHead(first, head), ...rest] };
}

function withHead(first: ChatMessage | undefined, head: string): ChatMessage[] {
  if (first === undefined) return [{ role: 'user', content: head }];
  const { content } = first;
  if (typeof content === 'string') return [{ ...first, content: replaceHead(content, head) }];
  if (Array.isArray(content)) return [{ ...first, content: [{ type: 'text', text: head }, ...content] }];
  return [{ role: 'system', content: head }, first];
}

/** Keeps the length if possible, because a prompt that fills the context must still fit. */
function replaceHead(text: string, head: string): string {
  const rest = text.length > 2 * head.length ? text.slice(head.length) : text;
  // Removes the second half of a surrogate pair that was cut.
  return head + rest.replace(/^[\udc00-\udfff]/, '');
}
