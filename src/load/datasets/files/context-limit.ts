import type { DatasetOptions } from '../options.ts';
import { type GivenPrompt, textIn } from '../texts.ts';
import { loadTokenizer } from '../tokenizer-words.ts';

/**
 * Bytes per token if no tokenizer is given. English has more, so this estimate excludes too many prompts rather than
 * too few.
 */
const bytesPerToken = 3;

/** Whether prompts and their replies fit into the model's context. */
export interface ContextLimit {
  readonly tokens: number;
  /** Whether token counts of texts are exact. */
  readonly isExact: boolean;
  fits(prompt: GivenPrompt): boolean;
}

/** The limit that the options set; undefined if there is none. Throws LoadError if the tokenizer file is invalid. */
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
      // A text never has more tokens than bytes, so count only longer texts.
      if (bytes <= room) return true;
      return (tokenizer?.countWithMarks(text) ?? Math.ceil(bytes / bytesPerToken)) <= room;
    },
  };
}
