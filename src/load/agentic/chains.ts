import { commonPrefix, endOf, type HashId, type TraceRequest } from './trace.ts';

/** A request and its position in the recorded list. */
export interface PlacedRequest {
  readonly index: number;
  readonly request: TraceRequest;
}

/** Where a chain branched off from another one. */
export interface Fork {
  /** The chain that it branched off from; undefined if it shares no block with any. */
  readonly parent: number | undefined;
  /** Position of the parent's last request at that time. */
  readonly tail: number | undefined;
  /** Blocks in common with that request. */
  readonly depth: number;
}

/** The requests of one agent, in order of time. */
export interface Chain {
  readonly requests: readonly PlacedRequest[];
  /** Undefined for the chain of the first request. */
  readonly fork: Fork | undefined;
}

/** The agents found among the requests of one list. */
export interface Chains {
  /** The chain of the first request. */
  readonly main: Chain;
  /** The others, in order of their first requests. */
  readonly others: readonly Chain[];
}

/** Recorded times that differ by less are equal. */
const sameTimeS = 1e-6;
/** Both must be exceeded for a shorter context to be another session on the same prefix. */
const longSeamGapS = 3600;
const leastSeamOverlap = 0.5;

/**
 * Assigns requests that agents sent in parallel to those agents, by their blocks. A request that extends the last
 * request of a chain continues it. One that keeps only a part of it continues it, too, if the longer context is never
 * used again: the agent has edited its context. Every other request starts a chain. Chains never change their model.
 */
export function chainsOf(requests: readonly PlacedRequest[]): Chains {
  const ordered = requests.toSorted((a, b) => a.request.t - b.request.t || a.index - b.index);
  const search = new ChainSearch();
  for (const request of ordered) search.add(request);
  search.joinSeams();
  return search.result();
}

/** A chain while it is being built. */
interface Building {
  readonly number: number;
  requests: PlacedRequest[];
  fork: { parent: number | undefined; tail: number | undefined; depth: number } | undefined;
  /** The last request that has blocks. */
  tail: PlacedRequest | undefined;
  /** The chain that it turned out to continue. */
  joined: number | undefined;
}

class ChainSearch {
  readonly #chains: Building[] = [];
  readonly #chainOf = new Map<number, number>();
  readonly #requests = new Map<number, TraceRequest>();
  /** The chains that left each request. */
  readonly #forks = new Map<number, number[]>();
  #first: number | undefined;

  add(placed: PlacedRequest): void {
    const { index, request } = placed;
    this.#first ??= index;
    this.#requests.set(index, request);
    // Without blocks nothing tells the agents apart.
    if (request.hash_ids.length === 0) this.#append(this.#chains[0] ?? this.#newChain(undefined), placed);
    else this.#append(this.#chainFor(request), placed);
  }

  #chainFor(request: TraceRequest): Building {
    if (this.#chains.length === 0) return this.#newChain(undefined);
    const continued = this.#longestContinued(request);
    if (continued !== undefined) return continued;
    const { parent, depth } = this.#closest(request.hash_ids);
    const [first] = this.#chains;
    if (first !== undefined && this.#chains.every(({ tail }) => tail === undefined)) return first;
    const tail = parent?.tail?.index;
    const chain = this.#newChain({ parent: parent?.number, tail, depth });
    if (tail !== undefined && depth > 0) this.#addFork(tail, chain.number);
    return chain;
  }

  #newChain(fork: Building['fork']): Building {
    const chain = { number: this.#chains.length, requests: [], fork, tail: undefined, joined: undefined };
    this.#chains.push(chain);
    return chain;
  }

  #append(chain: Building, placed: PlacedRequest): void {
    chain.requests.push(placed);
    this.#chainOf.set(placed.index, chain.number);
    if (placed.request.hash_ids.length > 0) chain.tail = placed;
  }

  #addFork(tail: number, chain: number): void {
    const known = this.#forks.get(tail);
    if (known === undefined) this.#forks.set(tail, [chain]);
    else known.push(chain);
  }

  /** The chain whose whole last context is the beginning of this one; the longest, else the first. */
  #longestContinued({ t, model, hash_ids: ids }: TraceRequest): Building | undefined {
    let best: Building | undefined;
    let bestLength = 0;
    for (const chain of this.#chains) {
      const tail = chain.tail?.request;
      if (tail === undefined || tail.hash_ids.length <= bestLength || tail.hash_ids.length > ids.length)
        continue;
      if (tail.model !== model || endOf(tail) > t + sameTimeS) continue;
      if (commonPrefix(tail.hash_ids, ids) < tail.hash_ids.length) continue;
      best = chain;
      bestLength = tail.hash_ids.length;
    }
    return best;
  }

  /** The chain with most blocks in common; of several the one with the longest context, else the first. */
  #closest(ids: readonly HashId[]): { readonly parent: Building | undefined; readonly depth: number } {
    let parent: Building | undefined;
    let depth = 0;
    let length = 0;
    for (const chain of this.#chains) {
      const tail = chain.tail?.request.hash_ids ?? [];
      const common = commonPrefix(tail, ids);
      if (common === 0 || common < depth || (common === depth && tail.length <= length)) continue;
      parent = chain;
      depth = common;
      length = tail.length;
    }
    return { parent, depth };
  }

  /** Joins chains to those whose longer context they replace. */
  joinSeams(): void {
    const open = new Set(this.#forks.keys());
    while (open.size > 0) {
      const tail = Math.min(...open);
      open.delete(tail);
      const reopened = this.#joinSeam(tail);
      if (reopened !== undefined) open.add(reopened);
    }
  }

  /** Returns the request whose forks must be looked at again. */
  #joinSeam(tail: number): number | undefined {
    const owner = this.#chains[this.#chainOf.get(tail) ?? 0];
    const left = this.#requests.get(tail);
    // A later request of the chain used the longer context.
    if (owner === undefined || left === undefined || lastWithBlocks(owner)?.index !== tail) return undefined;
    const forks = (this.#forks.get(tail) ?? []).flatMap((number) => {
      const chain = this.#chains[number];
      return chain === undefined || chain.joined !== undefined ? [] : [chain];
    });
    const next = continuationOf(left, forks);
    if (next === undefined) return undefined;
    owner.requests.push(...next.requests);
    for (const { index } of next.requests) this.#chainOf.set(index, owner.number);
    next.joined = owner.number;
    const newTail = lastWithBlocks(owner);
    if (newTail === undefined) return undefined;
    // The remaining forks may continue what the agent made of its context.
    let moved = false;
    for (const fork of forks) {
      const depth = commonPrefix(newTail.request.hash_ids, fork.requests[0]?.request.hash_ids ?? []);
      if (fork === next || depth === 0) continue;
      fork.fork = { parent: owner.number, tail: newTail.index, depth };
      this.#addFork(newTail.index, fork.number);
      moved = true;
    }
    return moved ? newTail.index : undefined;
  }

  result(): Chains {
    const mainNumber = this.#first === undefined ? undefined : this.#chainOf.get(this.#first);
    const live = this.#chains.filter(({ joined }) => joined === undefined);
    const shown = ({ requests, fork }: Building): Chain => ({
      requests,
      fork: fork === undefined ? undefined : { ...fork, parent: this.#liveNumber(fork.parent) },
    });
    const main = live.find(({ number }) => number === mainNumber);
    return {
      main: main === undefined ? { requests: [], fork: undefined } : shown(main),
      others: live
        .filter((chain) => chain !== main)
        .map(shown)
        .toSorted((a, b) => startOf(a) - startOf(b) || indexOf(a) - indexOf(b)),
    };
  }

  #liveNumber(number: number | undefined): number | undefined {
    const joined = number === undefined ? undefined : this.#chains[number]?.joined;
    return joined === undefined ? number : this.#liveNumber(joined);
  }
}

function startOf({ requests }: Pick<Chain, 'requests'>): number {
  return requests[0]?.request.t ?? Number.POSITIVE_INFINITY;
}

function indexOf({ requests }: Chain): number {
  return requests[0]?.index ?? Number.POSITIVE_INFINITY;
}

function lastWithBlocks({ requests }: Building): PlacedRequest | undefined {
  return requests.findLast(({ request }) => request.hash_ids.length > 0);
}

/** The fork that goes on after `left` with a part of its context: the one that keeps most of it, else the earliest. */
function continuationOf(left: TraceRequest, forks: readonly Building[]): Building | undefined {
  let best: Building | undefined;
  for (const chain of forks) {
    const first = chain.requests[0]?.request;
    const depth = chain.fork?.depth ?? 0;
    if (first === undefined || depth === 0) continue;
    if (first.model !== left.model || endOf(left) > first.t + sameTimeS) continue;
    const isOtherSession =
      first.t - endOf(left) > longSeamGapS && depth / left.hash_ids.length < leastSeamOverlap;
    if (isOtherSession) continue;
    if (best === undefined || isBetter(chain, best)) best = chain;
  }
  return best;
}

function isBetter(chain: Building, than: Building): boolean {
  const deeper = (chain.fork?.depth ?? 0) - (than.fork?.depth ?? 0);
  return deeper > 0 || (deeper === 0 && (startOf(chain) - startOf(than) || chain.number - than.number) < 0);
}
