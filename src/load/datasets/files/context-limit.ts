import type { DatasetOptions } from '../options.ts';
import { type GivenPrompt, textIn } from '../texts.ts';
import { loadTokenizer } from '../tokenizer-words.ts';

/** Bytes of text that are taken for a token where nothing counts them: fewer than English has, so as to leave out more. */
const bytesPerToken = 3;

/** Whether prompts fit into the model's context together with their replies. */
export interface ContextLimit {
  readonly tokens: number;
  /** How lengths of texts are known. */
  readonly isExact: boolean;
  fits(prompt: GivenPrompt): boolean;
}

/** The limit that the options set; undefined for none. Throws LoadError if the tokenizer's file is none. */
export async function contextLimitOf(options: DatasetOptions): Promise<ContextLimit | undefined> {
  const tokens = options.sharegptContextLen ?? options.maxModelLen;
  if (tokens === undefined) return undefined;
  const tokenizer =
    options.tokenizerFile === undefined ? undefined : await loadTokenizer(options.tokenizerFile);
  return {
    tokens,
    isExact: tokenizer !== undefined,
    fits(prompt) {
      const room = tokens - prompt.outputTokens;
      if ('tokenIds' in prompt) return prompt.tokenIds.length <= room;
      const text = textIn(prompt) ?? '';
      const bytes = Buffer.byteLength(text);
      // No text has more tokens than bytes: counting is only worth it beyond.
      if (bytes <= room) return true;
      return (tokenizer?.countWithMarks(text) ?? Math.ceil(bytes / bytesPerToken)) <= room;
    },
  };
}
