import { Random } from '../random.ts';
import { drawLength, type LengthDistribution } from './length-distribution.ts';
import { ratioLengths } from './lengths.ts';
import type { ConversationsSpec, Turn } from './synthetic.ts';

/** The distribution that conversations are drawn from. Each length is uniform in [rangeRatio × length, length]. */
export interface ConversationShape {
  /** Turns per conversation, both limits inclusive. */
  readonly turns: { readonly low: number; readonly high: number };
  /** Tokens of the first turn: the task or question. */
  readonly firstInputLen: number;
  /** New tokens of each later turn: the user's next message, or a tool's result. */
  readonly laterInputLen: number;
  readonly outputLen: number;
  readonly rangeRatio: number;
  /** The new tokens of every turn, instead of the two lengths above. */
  readonly inputLengths?: LengthDistribution;
  readonly outputLengths?: LengthDistribution;
  /** Mean pause between a reply and the next turn, in seconds. */
  readonly pauseS: number;
  /**
   * Distribution of the pauses: `thinking` is exponential, the usual model of people; `tools` is log-normal with a long
   * tail (σ = 1), because most tools answer immediately and some take minutes.
   */
  readonly pauses: 'thinking' | 'tools';
  /** Tokens at the start of all conversations: a system prompt, or an agent's instructions and tool descriptions. */
  readonly sharedPrefixTokens: number;
}

/** Draws conversations with at least `requests` turns in total. The same seed gives the same conversations. */
export function drawConversations(
  shape: ConversationShape,
  requests: number,
  seed: number,
): ConversationsSpec {
  const random = new Random(seed ^ 0xc047);
  const conversations: Turn[][] = [];
  for (let turns = 0; turns < requests; turns += conversations.at(-1)?.length ?? 1) {
    const count = random.integer(shape.turns.low, shape.turns.high);
    conversations.push(Array.from({ length: count }, (_, turn) => drawTurn(random, shape, turn === 0)));
  }
  return { kind: 'conversations', conversations, sharedPrefixTokens: shape.sharedPrefixTokens };
}

function drawTurn(random: Random, shape: ConversationShape, isFirst: boolean): Turn {
  const { inputLengths, outputLengths, rangeRatio } = shape;
  const inputLen = isFirst ? shape.firstInputLen : shape.laterInputLen;
  return {
    inputTokens: drawLength(random, inputLengths ?? ratioLengths(inputLen, rangeRatio)),
    outputTokens: drawLength(random, outputLengths ?? ratioLengths(shape.outputLen, rangeRatio)),
    pauseS: isFirst ? 0 : drawPause(random, shape),
  };
}

function drawPause(random: Random, { pauseS, pauses }: ConversationShape): number {
  if (pauseS === 0) return 0;
  // exp(σZ − σ²/2) has mean 1.
  return pauses === 'thinking' ? random.exponential(1) * pauseS : Math.exp(random.normal() - 0.5) * pauseS;
}
