import type { PromptBody } from '../backends/index.ts';
import { Random } from '../random.ts';
import type { Dataset, Prompt } from './dataset.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Random prompts of exact token counts: each length is uniform in [rangeRatio × len, len], in whole tokens. */
export interface RandomSpec {
  readonly kind: 'random';
  readonly inputLen: number;
  readonly outputLen: number;
  readonly rangeRatio: number;
}

/** Tokens drawn afresh at the head of each prompt, so that no two prompts share a prefix a server could cache. */
const freshHeadTokens = 16;
/** Tokens of the pool that the rest of each prompt is a slice of. */
const poolTokens = 1 << 18;

/**
 * Prompts as a fresh random head and a slice of one pool of random tokens, already written as JSON: making one is a
 * copy of bytes. `overheadTokens`: what the server adds to every prompt (a chat template), taken off its length.
 */
export class RandomDataset implements Dataset {
  readonly length: number;
  readonly #inputLens: Int32Array;
  readonly #outputLens: Int32Array;
  readonly #heads: Uint8Array[];
  readonly #poolStarts: Int32Array;
  readonly #pool: Uint8Array;
  readonly #poolOffsets: Int32Array;
  readonly #kind: PromptBody['kind'];
  readonly #overheadTokens: number;
  readonly #frame: { readonly open: Uint8Array; readonly close: Uint8Array };

  constructor(
    spec: RandomSpec,
    settings: {
      readonly numPrompts: number;
      readonly seed: number;
      readonly vocabulary: Vocabulary;
      readonly overheadTokens?: number;
    },
  ) {
    const { vocabulary } = settings;
    const random = new Random(settings.seed);
    this.length = settings.numPrompts;
    this.#kind = vocabulary.kind;
    this.#overheadTokens = settings.overheadTokens ?? 0;
    this.#inputLens = lengths(random, settings.numPrompts, spec.inputLen, spec.rangeRatio);
    this.#outputLens = lengths(random, settings.numPrompts, spec.outputLen, spec.rangeRatio);
    const draw = (): string => vocabulary.write(random.integer(0, vocabulary.size - 1));

    const longest = this.#inputLens.reduce((a, b) => Math.max(a, b), 1);
    const words = Array.from({ length: longest + Math.min(poolTokens, 4 * this.length + longest) }, draw);
    this.#poolOffsets = new Int32Array(words.length + 1);
    let offset = 0;
    for (const [index, word] of words.entries()) {
      this.#poolOffsets[index] = offset;
      offset += word.length;
    }
    this.#poolOffsets[words.length] = offset;
    this.#pool = Buffer.from(words.join(''), 'latin1');
    this.#heads = Array.from(this.#inputLens, (length) => {
      const own = Math.min(freshHeadTokens, Math.max(1, length - this.#overheadTokens));
      return Buffer.from(Array.from({ length: own }, draw).join(''), 'latin1');
    });
    this.#poolStarts = Int32Array.from(this.#inputLens, () => random.integer(0, words.length - longest));
    this.#frame = { open: Buffer.from(vocabulary.open), close: Buffer.from(vocabulary.close) };
  }

  prompt(index: number): Prompt {
    const inputTokens = this.#inputLens[index] ?? 0;
    const outputTokens = this.#outputLens[index] ?? 0;
    const own = Math.max(1, inputTokens - this.#overheadTokens);
    const head = this.#heads[index] ?? new Uint8Array();
    const first = this.#poolStarts[index] ?? 0;
    const from = this.#poolOffsets[first] ?? 0;
    const to = this.#poolOffsets[first + Math.max(0, own - freshHeadTokens)] ?? from;
    const { open, close } = this.#frame;
    // Every token is written with its separator before it; the first one's is dropped where JSON has no place for it.
    const skip = this.#kind === 'token-ids' ? 1 : 0;
    const json = new Uint8Array(open.length + head.length - skip + to - from + close.length);
    json.set(open, 0);
    json.set(head.subarray(skip), open.length);
    json.set(this.#pool.subarray(from, to), open.length + head.length - skip);
    json.set(close, json.length - close.length);
    return { body: { kind: this.#kind, json }, inputTokens, outputTokens };
  }
}

function lengths(random: Random, count: number, length: number, rangeRatio: number): Int32Array {
  const low = Math.max(1, Math.floor(length * rangeRatio));
  return Int32Array.from({ length: count }, () => random.integer(low, Math.max(low, length)));
}
