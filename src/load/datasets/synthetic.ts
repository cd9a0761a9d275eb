import { Random } from '../random.ts';
import type { Dataset, Prompt } from './dataset.ts';
import type { LengthDistribution } from './length-distribution.ts';
import { drawLengths, ratioLengths } from './lengths.ts';
import { type Segment, TokenPool, tokensOf } from './token-pool.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A prompt of drawn tokens, given by its segments. */
export interface SyntheticPrompt {
  readonly segments: readonly Segment[];
  readonly outputTokens: number;
  /** Set for a later turn of a conversation. */
  readonly pauseBeforeMs?: number | undefined;
}

/** Lengths of prompts and replies: uniform in [rangeRatio × len, len], or of a distribution. */
export interface DrawnLengths {
  readonly inputLen: number;
  readonly outputLen: number;
  readonly rangeRatio: number;
  /** Instead of `inputLen`. */
  readonly inputLengths?: LengthDistribution;
  /** Instead of `outputLen`. */
  readonly outputLengths?: LengthDistribution;
}

/** Random prompts of exact token counts. */
export interface RandomSpec extends DrawnLengths {
  readonly kind: 'random';
}

/** Random prompts, some of which start with one of several common prefixes. */
export interface SharedPrefixSpec extends DrawnLengths {
  readonly kind: 'shared-prefix';
  /** Tokens of each prefix; the input length is added to it. */
  readonly prefixLen: number;
  /** The number of different prefixes. */
  readonly groups: number;
  /** The share of prompts with a common prefix, 0 to 1. The others have a unique prefix of the same length. */
  readonly share: number;
}

/** Conversations of several turns; each prompt is everything said before plus new input. */
export interface ConversationsSpec {
  readonly kind: 'conversations';
  readonly conversations: readonly (readonly Turn[])[];
  /** Tokens at the start of all conversations, such as a system prompt. */
  readonly sharedPrefixTokens?: number;
}

export interface Turn {
  /** New tokens in this turn, from the user or a tool. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Seconds after the previous reply, while the user thinks or a tool runs. Ignored in a first turn. */
  readonly pauseS: number;
}

/** Requests of recorded lengths. Requests that list the same blocks share these tokens, up to the first difference. */
export interface TraceLengths {
  readonly kind: 'trace';
  readonly blockTokens: number;
  /** The seed of the tokens, instead of the test's: shards must draw the same tokens for shared blocks. */
  readonly seed?: number;
  readonly requests: readonly {
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** Numbers below 2^32; equal numbers mean the same block. */
    readonly blocks: readonly number[];
    /** The request's number in the whole trace, if it differs from its index here. */
    readonly position?: number;
  }[];
}

export type SyntheticSpec = RandomSpec | SharedPrefixSpec | ConversationsSpec | TraceLengths;

/** The contents of `count` prompts; the same seed gives the same ones. */
export function syntheticPrompts(spec: SyntheticSpec, count: number, seed: number): SyntheticPrompt[] {
  switch (spec.kind) {
    case 'random':
      return randomPrompts(spec, count, seed);
    case 'shared-prefix':
      return sharedPrefixPrompts(spec, count, seed);
    case 'conversations':
      return spec.conversations
        .flatMap((turns, index) => conversation(turns, seedOf(seed, index), sharedPrefix(spec, seed)))
        .slice(0, count);
    case 'trace':
      return spec.requests
        .slice(0, count)
        .map((request, index) => tracePrompt(spec, request, seed, request.position ?? index));
  }
}

/** Exactly `count` prompts for a warm-up. If the spec has fewer, its prompts are repeated with other tokens. */
export function warmUpPrompts(spec: SyntheticSpec, count: number, seed: number): SyntheticPrompt[] {
  const prompts: SyntheticPrompt[] = [];
  for (let round = 0; prompts.length < count; round++) {
    const drawn = syntheticPrompts(spec, count - prompts.length, seedOf(seed, round));
    if (drawn.length === 0) break;
    prompts.push(...drawn);
  }
  return prompts;
}

export function inputDistribution({ inputLengths, inputLen, rangeRatio }: DrawnLengths): LengthDistribution {
  return inputLengths ?? ratioLengths(inputLen, rangeRatio);
}

export function outputDistribution({
  outputLengths,
  outputLen,
  rangeRatio,
}: DrawnLengths): LengthDistribution {
  return outputLengths ?? ratioLengths(outputLen, rangeRatio);
}

/** The lengths of random prompts in tokens. */
export function inputLengths(spec: RandomSpec, count: number, seed: number): Int32Array {
  return drawLengths(new Random(seed), count, inputDistribution(spec));
}

function randomPrompts(spec: RandomSpec, count: number, seed: number): SyntheticPrompt[] {
  const random = new Random(seed);
  const inputLens = drawLengths(random, count, inputDistribution(spec));
  const outputLens = drawLengths(random, count, outputDistribution(spec));
  return Array.from(inputLens, (tokens, index) => ({
    segments: [{ seed: seedOf(seed, index), tokens }],
    outputTokens: outputLens[index] ?? 1,
  }));
}

function sharedPrefixPrompts(spec: SharedPrefixSpec, count: number, seed: number): SyntheticPrompt[] {
  const random = new Random(seed ^ 0x9ef1);
  return randomPrompts({ ...spec, kind: 'random' }, count, seed).map((prompt, index) => {
    const shared = random.unit() < spec.share;
    const prefix = shared ? seedOf(seed, -1 - random.integer(0, spec.groups - 1)) : seedOf(~seed, index);
    return { ...prompt, segments: [{ seed: prefix, tokens: spec.prefixLen }, ...prompt.segments] };
  });
}

function sharedPrefix({ sharedPrefixTokens = 0 }: ConversationsSpec, seed: number): Segment[] {
  return sharedPrefixTokens === 0 ? [] : [{ seed: seedOf(seed, -1), tokens: sharedPrefixTokens }];
}

/** The replies are drawn too, with the requested length: the model's text must not change later prompts. */
function conversation(turns: readonly Turn[], seed: number, prefix: readonly Segment[]): SyntheticPrompt[] {
  const said: Segment[] = [...prefix];
  return turns.map(({ inputTokens, outputTokens, pauseS }, turn) => {
    said.push({ seed: seedOf(seed, 2 * turn), tokens: inputTokens });
    const prompt = {
      segments: [...said],
      outputTokens,
      pauseBeforeMs: turn === 0 ? undefined : 1000 * pauseS,
    };
    said.push({ seed: seedOf(seed, 2 * turn + 1), tokens: outputTokens });
    return prompt;
  });
}

function tracePrompt(
  { blockTokens }: TraceLengths,
  { inputTokens, outputTokens, blocks }: TraceLengths['requests'][number],
  seed: number,
  index: number,
): SyntheticPrompt {
  const segments: Segment[] = [];
  let left = inputTokens;
  for (const block of blocks) {
    if (left <= 0) break;
    segments.push({ seed: seedOf(seed, block), tokens: Math.min(left, blockTokens) });
    left -= blockTokens;
  }
  if (left > 0) segments.push({ seed: seedOf(~seed, index), tokens: left });
  return { segments, outputTokens };
}

/** A separate seed for each index (splitmix32's step as a mixer). */
function seedOf(seed: number, index: number): number {
  let word = Math.imul(seed ^ Math.imul(index, 0x9e3779b9), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return (word ^ (word >>> 15)) >>> 0;
}

/** Synthetic prompts, written on demand. */
export class SyntheticDataset implements Dataset {
  readonly #prompts: readonly SyntheticPrompt[];
  readonly #pool: TokenPool;
  readonly #overheadTokens: number;

  /**
   * `overheadTokens`: tokens that the server adds to every prompt (a chat template); subtracted from the last segment.
   */
  constructor(
    prompts: readonly SyntheticPrompt[],
    vocabulary: Vocabulary,
    seed: number,
    overheadTokens: number,
  ) {
    this.#prompts = prompts;
    const lengths = prompts.map(({ segments }) => tokensOf(segments));
    const longest = lengths.reduce((most, tokens) => Math.max(most, tokens), 0);
    this.#pool = new TokenPool(vocabulary, seed, longest);
    this.#overheadTokens = overheadTokens;
  }

  get length(): number {
    return this.#prompts.length;
  }

  prompt(index: number): Prompt {
    const { segments = [], outputTokens = 1 } = this.#prompts[index] ?? {};
    const inputTokens = tokensOf(segments);
    const last = segments.at(-1);
    const own =
      last === undefined || this.#overheadTokens === 0
        ? segments
        : [...segments.slice(0, -1), { ...last, tokens: Math.max(1, last.tokens - this.#overheadTokens) }];
    return { body: this.#pool.prompt(own), inputTokens, outputTokens };
  }

  pauseBeforeMs(index: number): number | undefined {
    return this.#prompts[index]?.pauseBeforeMs;
  }
}
