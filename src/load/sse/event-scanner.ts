import { BrokenReply } from '../broken-reply.ts';
import { EventTemplate } from './event-template.ts';

/** Takes the data of every event that was not recognised by its bytes alone. */
export interface EventHandler {
  /**
   * One more token event whose bytes, but for its text, equal the last one that `onEvent` returned as plain.
   */
  onPlainToken(atMs: number): void;
  /**
   * The joined `data` of one event. Returns whether it was a plain token event: text and nothing else that the
   * handler must see, so that events that differ from it only in their text may be passed to `onPlainToken`.
   */
  onEvent(data: string, atMs: number): boolean;
}

const maximumEventBytes = 64 * 1024 * 1024;
const lineFeed = 10;
const carriageReturn = 13;

/**
 * Splits a server-sent event stream, cut anywhere, into events, and recognises plain token events by comparing their
 * bytes with the last one, so that the hot path neither decodes, parses nor allocates.
 */
export class EventScanner {
  readonly #template: EventTemplate;
  /** Bytes of an event that has not ended; `#carried` of them are in use. */
  #carry: Buffer = Buffer.alloc(0);
  #carried = 0;
  /** How far `#carry` was searched for the end of a line. */
  #searched = 0;
  #data: string | undefined;

  /** `textKeys`: the JSON keys under which token text is found. */
  constructor(textKeys: readonly string[]) {
    this.#template = new EventTemplate(textKeys);
  }

  reset(): void {
    this.#template.forget();
    this.#carried = 0;
    this.#searched = 0;
    this.#data = undefined;
    // One huge event must not pin its memory for the rest of the run.
    if (this.#carry.length > 65536) this.#carry = Buffer.alloc(0);
  }

  /** Throws BrokenReply for an event that grows past what any engine sends. */
  push(buffer: Buffer, start: number, end: number, atMs: number, handler: EventHandler): void {
    if (this.#carried > 0) {
      this.#append(buffer, start, end);
      const consumed = this.#scan(this.#carry, 0, this.#carried, this.#searched, atMs, handler);
      this.#carry.copyWithin(0, consumed, this.#carried);
      this.#carried -= consumed;
      this.#searched = this.#carried;
      return;
    }
    const at = this.#scan(buffer, start, end, start, atMs, handler);
    if (at < end) {
      this.#append(buffer, at, end);
      this.#searched = this.#carried;
    }
  }

  /** The stream ended: an event that lacks only its final blank line still counts. */
  end(atMs: number, handler: EventHandler): void {
    if (this.#carried > 0) this.#line(this.#carry, 0, this.#carried);
    this.#carried = 0;
    this.#dispatch(atMs, handler);
  }

  /** Handles all whole lines of `buffer[start, end)`; returns where the first unfinished line begins. */
  #scan(
    buffer: Buffer,
    start: number,
    end: number,
    searched: number,
    atMs: number,
    handler: EventHandler,
  ): number {
    const template = this.#template;
    let at = start;
    let from = searched;
    while (at < end) {
      // An event that arrives in pieces is left to the search for its end, which looks at each byte once.
      if (this.#data === undefined && from === at) {
        const next = template.match(buffer, at, end);
        if (next !== -1) {
          handler.onPlainToken(atMs);
          at = next;
          from = next;
          continue;
        }
      }
      const lineEnd = buffer.indexOf(lineFeed, from);
      if (lineEnd === -1 || lineEnd >= end) return at;
      const stop = lineEnd > at && buffer[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd;
      if (stop > at) {
        this.#line(buffer, at, stop);
        // Learning needs the whole event in one piece: its data line and the blank line after it.
        const blank = buffer[lineEnd + 1] === carriageReturn ? lineEnd + 2 : lineEnd + 1;
        if (blank < end && buffer[blank] === lineFeed) {
          if (this.#dispatch(atMs, handler)) template.learn(buffer, at, blank + 1);
          at = blank + 1;
          from = at;
          continue;
        }
      } else {
        this.#dispatch(atMs, handler);
      }
      at = lineEnd + 1;
      from = at;
    }
    return at;
  }

  /** One field line, without its line end. */
  #line(buffer: Buffer, start: number, end: number): void {
    // "data:" and an optional space; other fields carry nothing a benchmark needs.
    if (
      buffer[start] !== 100 ||
      buffer[start + 1] !== 97 ||
      buffer[start + 2] !== 116 ||
      buffer[start + 3] !== 97 ||
      buffer[start + 4] !== 58
    ) {
      return;
    }
    const from = buffer[start + 5] === 32 ? start + 6 : start + 5;
    const value = buffer.toString('utf8', from, end);
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
  }

  #dispatch(atMs: number, handler: EventHandler): boolean {
    const data = this.#data;
    if (data === undefined) return false;
    this.#data = undefined;
    return handler.onEvent(data, atMs);
  }

  #append(buffer: Buffer, start: number, end: number): void {
    const needed = this.#carried + end - start;
    if (needed > maximumEventBytes)
      throw new BrokenReply('oversized-event', 'an event is larger than 64 MiB');
    if (needed > this.#carry.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(1024, 2 ** Math.ceil(Math.log2(needed))));
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    buffer.copy(this.#carry, this.#carried, start, end);
    this.#carried = needed;
  }
}
