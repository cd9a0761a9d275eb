import type { CacheableRequest } from '../prefix-cache/ideal-hits.ts';
import { composedRequests } from './composed.ts';
import type { DatasetSpec } from './index.ts';
import { inputLengths, syntheticPrompts } from './synthetic.ts';
import { bodyOf, type GivenPrompt } from './texts.ts';
import type { Segment } from './token-pool.ts';

/** The bytes of a text that stand for one token: English and code have about four. */
export const bytesPerToken = 4;
/** Given prompts are compared in pieces of this many tokens. */
const pieceTokens = 16;

/** What a prefix cache sees of a test's prompts. */
export interface CacheablePrompts {
  /** Lengths are estimates, because only the server counts the tokens of given texts. */
  readonly isEstimated: boolean;
  /** No prompt starts like another, whatever the seed. */
  readonly shareNothing: boolean;
  /** Two prompts are compared in pieces of this many tokens, so they may share almost one piece more. */
  readonly pieceTokens: number;
  /** In the order in which they are sent. */
  requests(): Iterable<CacheableRequest>;
}

/** The first `count` prompts of a data set. The same seed gives the same prompts as the ones that are sent. */
export function cacheablePrompts(spec: DatasetSpec, count: number, seed: number): CacheablePrompts {
  if (spec.kind === 'random') {
    return {
      isEstimated: false,
      shareNothing: true,
      pieceTokens: 1,
      *requests() {
        let index = 0;
        for (const tokens of inputLengths(spec, count, seed)) yield { prompt: [{ seed: index++, tokens }] };
      },
    };
  }
  if (spec.kind === 'composed') {
    return {
      isEstimated: spec.form !== 'list',
      shareNothing: true,
      pieceTokens: 1,
      requests: () => composedRequests(spec, count, seed),
    };
  }
  if (spec.kind !== 'texts') {
    return {
      isEstimated: false,
      shareNothing: false,
      pieceTokens: 1,
      requests: () => syntheticPrompts(spec, count, seed).map(({ segments }) => ({ prompt: segments })),
    };
  }
  const { prompts } = spec;
  return {
    isEstimated: prompts.some((prompt) => !('tokenIds' in prompt)),
    shareNothing: false,
    pieceTokens,
    *requests() {
      const sent = prompts.length === 0 ? 0 : count;
      for (let index = 0; index < sent; index++) {
        const prompt = prompts[index % prompts.length];
        if (prompt !== undefined) yield { prompt: piecesOf(prompt) };
      }
    },
  };
}

/** A given prompt as pieces: equal pieces have equal seeds. */
function piecesOf(prompt: GivenPrompt): Segment[] {
  if ('tokenIds' in prompt) return pieces(prompt.tokenIds, pieceTokens, 1);
  return pieces(bodyOf(prompt).json, pieceTokens * bytesPerToken, bytesPerToken);
}

function pieces(units: ArrayLike<number>, unitsPerPiece: number, unitsPerToken: number): Segment[] {
  const list: Segment[] = [];
  for (let from = 0; from < units.length; from += unitsPerPiece) {
    const to = Math.min(units.length, from + unitsPerPiece);
    list.push({ seed: hashOf(units, from, to), tokens: Math.ceil((to - from) / unitsPerToken) });
  }
  return list;
}

/** FNV-1a in two halves of 26 bits, so that different pieces practically never have the same number. */
function hashOf(units: ArrayLike<number>, from: number, to: number): number {
  let low = 0x811c9dc5;
  let high = 0x9dc5811c;
  for (let at = from; at < to; at++) {
    const unit = units[at] ?? 0;
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x01000193) ^ (high >>> 15);
  }
  return (low >>> 6) * 2 ** 26 + (high >>> 6);
}
