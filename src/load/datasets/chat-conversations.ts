import type { Dataset, Prompt, Said } from './dataset.ts';
import type { SyntheticPrompt } from './synthetic.ts';
import { type Segment, TokenPool, tokensOf } from './token-pool.ts';
import type { Vocabulary } from './vocabulary.ts';

/**
 * Drawn conversations as chat messages, so that the server's replies can be part of them. Only the server knows how
 * long a prompt with its replies and its template is.
 */
export class ChatConversations implements Dataset {
  readonly #prompts: readonly SyntheticPrompt[];
  readonly #turns: readonly number[];
  readonly #pool: TokenPool;

  constructor(prompts: readonly SyntheticPrompt[], vocabulary: Vocabulary, seed: number) {
    this.#prompts = prompts;
    let turn = 0;
    this.#turns = prompts.map(({ pauseBeforeMs }) => {
      turn = pauseBeforeMs === undefined ? 0 : turn + 1;
      return turn;
    });
    const longest = prompts.reduce((most, { segments }) => Math.max(most, tokensOf(segments)), 0);
    this.#pool = new TokenPool(vocabulary, seed, longest);
  }

  get length(): number {
    return this.#prompts.length;
  }

  prompt(index: number, said: Said = []): Prompt {
    const { segments = [], outputTokens = 1 } = this.#prompts[index] ?? {};
    const turn = this.#turns[index] ?? 0;
    // A question and a reply for each previous turn, and a question; what is before them is common to all.
    const common = segments.slice(0, segments.length - 2 * turn - 1);
    const messages = common.map((segment) => this.#message('system', segment));
    for (const [place, segment] of segments.slice(common.length).entries()) {
      const reply = place % 2 === 1 ? said[(place - 1) / 2] : undefined;
      messages.push(
        reply === undefined
          ? this.#message(place % 2 === 1 ? 'assistant' : 'user', segment)
          : Buffer.from(JSON.stringify({ role: 'assistant', content: reply })),
      );
    }
    const parts = messages.flatMap((message, at) => (at === 0 ? [message] : [comma, message]));
    return {
      body: { kind: 'messages', json: Buffer.concat([openList, ...parts, closeList]) },
      inputTokens: undefined,
      estimatedInputTokens: tokensOf(segments),
      outputTokens,
    };
  }

  pauseBeforeMs(index: number): number | undefined {
    return this.#prompts[index]?.pauseBeforeMs;
  }

  #message(role: 'system' | 'user' | 'assistant', segment: Segment): Buffer {
    const { json } = this.#pool.prompt([segment]);
    return Buffer.concat([Buffer.from(`{"role":"${role}","content":`), json, closeObject]);
  }
}

const openList = Buffer.from('[');
const closeList = Buffer.from(']');
const closeObject = Buffer.from('}');
const comma = Buffer.from(',');
