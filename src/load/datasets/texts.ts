import type { PromptBody } from '../backends/index.ts';
import { Random } from '../random.ts';
import type { Dataset, Prompt } from './dataset.ts';
import { ordinaryTokenIds } from './vocabulary.ts';
import { commonWords } from './words.ts';

/** A chat message as the server takes it; only what is looked at is typed. */
export interface ChatMessage {
  readonly role: string;
  /** Text, or parts of which those with `text` are text. */
  readonly content?: unknown;
}

/** A prompt that is given as it is sent: text, chat messages or token ids. */
export type GivenPrompt = {
  readonly outputTokens: number;
  /** Of a later turn of a conversation: how long after the reply before it, milliseconds. */
  readonly pauseBeforeMs?: number | undefined;
} & (
  | { readonly text: string }
  | { readonly messages: readonly ChatMessage[] }
  | { readonly tokenIds: readonly number[] }
);

/** Prompts that are given. Their lengths in tokens are those that the server counts, but for token ids. */
export interface TextsSpec {
  readonly kind: 'texts';
  readonly prompts: readonly GivenPrompt[];
}

/** What a backend must be able to send for a prompt. */
export function bodyKindOf(prompt: GivenPrompt): PromptBody['kind'] {
  if ('text' in prompt) return 'text';
  return 'messages' in prompt ? 'messages' : 'token-ids';
}

/** All text in a prompt; undefined for token ids. */
export function textIn(prompt: GivenPrompt): string | undefined {
  if ('text' in prompt) return prompt.text;
  return 'messages' in prompt
    ? prompt.messages.map(({ content }) => contentText(content)).join('\n')
    : undefined;
}

/** The text of a message's content, given as text or in parts. */
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

/** The given prompts in the given order, from the first again if more are asked for than there are. */
export class TextsDataset implements Dataset {
  readonly length: number;
  readonly #prompts: readonly GivenPrompt[];
  readonly #tokens: readonly number[] | undefined;

  /** `tokens`: what a tokenizer counts in each prompt. */
  constructor({ prompts }: TextsSpec, length: number, tokens: readonly number[] | undefined) {
    this.#prompts = prompts;
    this.#tokens = tokens;
    this.length = prompts.length === 0 ? 0 : length;
  }

  prompt(index: number): Prompt {
    const at = index % this.#prompts.length;
    const prompt = this.#prompts[at];
    if (prompt === undefined) throw new Error(`there is no prompt ${index}`);
    const estimatedInputTokens = this.#tokens?.[at];
    return {
      body: bodyOf(prompt),
      inputTokens: 'tokenIds' in prompt ? prompt.tokenIds.length : undefined,
      estimatedInputTokens,
      outputTokens: prompt.outputTokens,
    };
  }

  pauseBeforeMs(index: number): number | undefined {
    return index < this.length ? this.#prompts[index % this.#prompts.length]?.pauseBeforeMs : undefined;
  }
}

function bodyOf(prompt: GivenPrompt): PromptBody {
  const value = 'text' in prompt ? prompt.text : 'messages' in prompt ? prompt.messages : prompt.tokenIds;
  return { kind: bodyKindOf(prompt), json: Buffer.from(JSON.stringify(value)) };
}

/** Words, or token ids, at the head of a warm-up's prompt: drawn afresh, they are the head of no other. */
const headLength = 6;

/**
 * `count` prompts like the given ones that share no head with any of them, so that sending them puts nothing of what
 * is measured into a prefix cache: each has drawn words in place of as much of its beginning. The same seed gives the
 * same.
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
    // Every id but the measured one: no token of the head is the same.
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

/** No longer than before if it can be: a prompt that fills the context must still fit. */
function replaceHead(text: string, head: string): string {
  const rest = text.length > 2 * head.length ? text.slice(head.length) : text;
  // A pair of UTF-16 units that is cut in two is no character.
  return head + rest.replace(/^[\udc00-\udfff]/, '');
}
