import { nowMs } from '../clock.ts';

/** Holds bytes that were read and timestamped, but not parsed. */
export interface BacklogMember {
  parseWaiting(): void;
}

/** Parsing time between two reads of the sockets, in milliseconds; timestamps can be late by this much. */
const parsingMs = 0.3;
/** At most this many bytes wait. Beyond that, bytes are parsed when read, which applies backpressure to the server. */
const mostBytes = 4 << 20;

/**
 * Bytes that a thread's connections have read but not parsed. Timestamps come first: all ready sockets are read, then
 * the bytes are parsed in order, a little at a time, with reads of the sockets in between.
 */
class ReadBacklog {
  readonly #members = new Set<BacklogMember>();
  #bytes = 0;

  hasRoomFor(bytes: number): boolean {
    return this.#bytes + bytes <= mostBytes;
  }

  /** Adds waiting bytes of a member. */
  add(member: BacklogMember, bytes: number): void {
    if (this.#members.size === 0) setImmediate(() => this.#parseSome());
    this.#members.add(member);
    this.#bytes += bytes;
  }

  /** Removes bytes that wait no longer. */
  remove(bytes: number): void {
    this.#bytes -= bytes;
  }

  #parseSome(): void {
    const untilMs = nowMs() + parsingMs;
    for (const member of this.#members) {
      this.#members.delete(member);
      member.parseWaiting();
      if (nowMs() >= untilMs) break;
    }
    if (this.#members.size > 0) setImmediate(() => this.#parseSome());
  }
}

export const readBacklog = new ReadBacklog();
