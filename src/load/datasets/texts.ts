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

  constructor({ prompts }: TextsSpec, length: number) {
    this.#prompts = prompts;
    this.length = prompts.length === 0 ? 0 : length;
  }

  prompt(index: number): Prompt {
    const { text, outputTokens } = this.#prompts[index % this.#prompts.length] ?? {
      text: '',
      outputTokens: 1,
    };
    return {
      body: { kind: 'text', json: Buffer.from(JSON.stringify(text)) },
      inputTokens: undefined,
      outputTokens,
    };
  }
}
