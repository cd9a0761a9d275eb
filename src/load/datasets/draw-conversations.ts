import { Random } from '../random.ts';
import type { ConversationsSpec, Turn } from './synthetic.ts';

/** What conversations are drawn from; each length is uniform in [rangeRatio × length, length]. */
export interface ConversationShape {
  /** Turns of each conversation, both included. */
  readonly turns: { readonly low: number; readonly high: number };
  /** Tokens of a first turn: the task, or the question. */
  readonly firstInputLen: number;
  /** New tokens of each later turn: what the user says next, or what a tool returned. */
  readonly laterInputLen: number;
  readonly outputLen: number;
  readonly rangeRatio: number;
  /** Mean seconds between a reply and the next turn. */
  readonly pauseS: number;
  /**
   * How the pauses are distributed: `thinking` exponentially, as people's are taken to be; `tools` log-normally with a
   * long tail (σ = 1), as most tools answer at once and some take minutes.
   */
  readonly pauses: 'thinking' | 'tools';
  /** Tokens that all begin with: a system prompt, an agent's instructions and tools. */
  readonly sharedPrefixTokens: number;
}

/** Conversations of at least `requests` turns in all; the same seed gives the same. */
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
  const length = (longest: number): number =>
    random.integer(Math.max(1, Math.floor(longest * shape.rangeRatio)), longest);
  return {
    inputTokens: length(isFirst ? shape.firstInputLen : shape.laterInputLen),
    outputTokens: length(shape.outputLen),
    pauseS: isFirst ? 0 : drawPause(random, shape),
  };
}

function drawPause(random: Random, { pauseS, pauses }: ConversationShape): number {
  if (pauseS === 0) return 0;
  // exp(σZ − σ²/2) has mean 1.
  return pauses === 'thinking' ? random.exponential(1) * pauseS : Math.exp(random.normal() - 0.5) * pauseS;
}
