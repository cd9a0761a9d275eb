import type { Dataset, Prompt } from './dataset.ts';

/** Prompts given as text. Their lengths in tokens are those that the server counts. */
export interface TextsSpec {
  readonly kind: 'texts';
  readonly prompts: readonly { readonly text: string; readonly outputTokens: number }[];
}

/** The given texts in the given order, from the first again where more are asked for than there are. */
export class TextsDataset implements Dataset {
  readonly length: number;
  readonly #prompts: TextsSpec['prompts'];
  readonly #tokens: readonly number[] | undefined;

  /** `tokens`: what a tokenizer counts in each prompt. */
  constructor({ prompts }: TextsSpec, length: number, tokens: readonly number[] | undefined) {
    this.#prompts = prompts;
    this.#tokens = tokens;
    this.length = prompts.length === 0 ? 0 : length;
  }

  prompt(index: number): Prompt {
    const at = index % this.#prompts.length;
    const { text, outputTokens } = this.#prompts[at] ?? { text: '', outputTokens: 1 };
    const estimatedInputTokens = this.#tokens?.[at];
    return {
      body: { kind: 'text', json: Buffer.from(JSON.stringify(text)) },
      inputTokens: undefined,
      ...(estimatedInputTokens === undefined ? {} : { estimatedInputTokens }),
      outputTokens,
    };
  }
}
