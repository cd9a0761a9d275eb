import type { Segment } from '../datasets/token-pool.ts';
import { blockKeys } from './block-keys.ts';

/** A beginning that several prompts share. */
export interface SharedPrefix {
  readonly tokens: number;
  readonly requests: number;
}

/** Figures of the tree of all prompts' blocks. */
export interface TreeShape {
  readonly blockTokens: number;
  /** Different blocks, each after the same blocks: what a cache needs to keep everything. */
  readonly differentTokens: number;
  /** Of these, blocks that belong to one prompt only. */
  readonly usedOnceTokens: number;
  /** Prompts whose first block is the first block of no other prompt. */
  readonly unsharedRequests: number;
  /** Different first blocks. */
  readonly roots: number;
  /** The beginnings that save most tokens, each up to where its prompts differ. */
  readonly largest: readonly SharedPrefix[];
}

interface Node {
  readonly depth: number;
  requests: number;
  /** The child that most requests have in common. */
  mostInChild: number;
}

const listed = 10;

/** The tree of prompts by their whole blocks. */
export class PrefixTree {
  readonly #blockTokens: number;
  readonly #nodes = new Map<string, number>();
  readonly #list: Node[] = [];
  #short = 0;

  constructor(blockTokens: number) {
    this.#blockTokens = blockTokens;
  }

  add(prompt: readonly Segment[]): void {
    let before = -1;
    let depth = 0;
    for (const key of blockKeys(prompt, this.#blockTokens)) {
      depth++;
      const parent = this.#list[before];
      const number = this.#numberOf(`${before} ${key}`, depth);
      const node = this.#list[number];
      if (node === undefined) break;
      node.requests++;
      if (parent !== undefined) parent.mostInChild = Math.max(parent.mostInChild, node.requests);
      before = number;
    }
    if (depth === 0) this.#short++;
  }

  shape(): TreeShape {
    const roots = this.#list.filter(({ depth }) => depth === 1);
    const tokens = (nodes: number): number => nodes * this.#blockTokens;
    const ends = this.#list
      .filter(({ requests, mostInChild }) => requests > 1 && mostInChild < requests)
      .map(({ depth, requests }) => ({ tokens: tokens(depth), requests }));
    return {
      blockTokens: this.#blockTokens,
      differentTokens: tokens(this.#list.length),
      usedOnceTokens: tokens(this.#list.filter(({ requests }) => requests === 1).length),
      unsharedRequests: this.#short + roots.filter(({ requests }) => requests === 1).length,
      roots: roots.length,
      largest: ends.sort((one, other) => saved(other) - saved(one)).slice(0, listed),
    };
  }

  #numberOf(key: string, depth: number): number {
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const number = this.#list.length;
    this.#nodes.set(key, number);
    this.#list.push({ depth, requests: 0, mostInChild: 0 });
    return number;
  }
}

function saved({ tokens, requests }: SharedPrefix): number {
  return tokens * (requests - 1);
}
