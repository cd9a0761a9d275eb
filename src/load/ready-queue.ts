import type { Said } from './datasets/index.ts';
import type { WorkQueue } from './work-queue.ts';

/** A request as bytes, ready to send, with its token counts. */
export interface ReadyRequest {
  readonly bytes: Uint8Array;
  /** As in `Prompt`. */
  readonly inputTokens: number | undefined;
  readonly estimatedInputTokens?: number | undefined;
  readonly outputTokens: number;
  readonly inputs?: number | undefined;
  /** Which of the test's servers it goes to; the first by default. */
  readonly server?: number | undefined;
}

/** Rendered requests may take up at most this many bytes. */
const mostBytesAhead = 8 << 20;

/** A queue that renders requests before they are needed, so that sending one is a single write. */
export class ReadyQueue {
  readonly #queue: WorkQueue;
  readonly #make: (index: number, said?: Said) => ReadyRequest;
  readonly #mostAhead: number;
  readonly #ahead: { readonly index: number; readonly request: ReadyRequest }[] = [];
  #bytesAhead = 0;

  constructor(queue: WorkQueue, make: (index: number, said?: Said) => ReadyRequest, mostAhead: number) {
    this.#queue = queue;
    this.#make = make;
    this.#mostAhead = mostAhead;
  }

  /** The next request, rendered now if that was not done in advance. Undefined if none are left. */
  take(): { readonly index: number; readonly request: ReadyRequest } | undefined {
    const ready = this.#ahead.shift();
    if (ready !== undefined) {
      this.#bytesAhead -= ready.request.bytes.length;
      return ready;
    }
    const index = this.#queue.take();
    return index === undefined ? undefined : { index, request: this.#make(index) };
  }

  /** The index of the request that `take` would return. */
  peek(): number | undefined {
    return this.#ahead[0]?.index ?? this.#queue.peek();
  }

  make(index: number, said?: Said): ReadyRequest {
    return this.#make(index, said);
  }

  /** Renders up to `count` future requests; returns whether there is room for more. */
  fill(count: number): boolean {
    for (let made = 0; made < count; made++) {
      if (!this.#hasRoom()) return false;
      const index = this.#queue.take();
      if (index === undefined) return false;
      const request = this.#make(index);
      this.#bytesAhead += request.bytes.length;
      this.#ahead.push({ index, request });
    }
    return this.#hasRoom();
  }

  #hasRoom(): boolean {
    return (
      this.#ahead.length < this.#mostAhead && this.#bytesAhead < mostBytesAhead && this.#queue.mayTakeAhead()
    );
  }
}
