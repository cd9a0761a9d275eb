import { nowMs } from '../clock.ts';

/** Holds bytes that were read and timestamped, but not parsed. */
export interface BacklogMember {
  parseWaiting(): void;
}

/** Parsing time between two reads of the sockets, in milliseconds; timestamps can be late by this much. */
const parsingMs = 0.3;
/**
 * At most this many bytes are kept until none wait. Beyond that, bytes are parsed when read, which applies backpressure
 * to the server.
 */
const mostBytes = 4 << 20;

/**
 * Bytes that a thread's connections have read but not parsed. Timestamps come first: all ready sockets are read, then
 * the bytes are parsed in order, a little at a time, with reads of the sockets in between.
 */
class ReadBacklog {
  readonly #members = new Set<BacklogMember>();
  /** All waiting bytes in the order in which they were read; memory that is never used is never taken. */
  #kept: Buffer | undefined;
  #used = 0;
  /** How many bytes wait. */
  #bytes = 0;
  readonly #parseSoon = (): void => this.#parseSome();

  /** The buffer that waiting bytes are in. */
  get kept(): Buffer {
    this.#kept ??= Buffer.allocUnsafeSlow(mostBytes);
    return this.#kept;
  }

  hasRoomFor(bytes: number): boolean {
    return this.#used + bytes <= mostBytes;
  }

  /** Keeps the first `length` bytes of a read for a member. Returns where they start in `kept`. */
  add(member: BacklogMember, read: Buffer, length: number): number {
    if (this.#members.size === 0) setImmediate(this.#parseSoon);
    this.#members.add(member);
    const start = this.#used;
    read.copy(this.kept, start, 0, length);
    this.#used += length;
    this.#bytes += length;
    return start;
  }

  /** Removes bytes that wait no longer. They stay valid until the next read. */
  remove(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes === 0) this.#used = 0;
  }

  #parseSome(): void {
    const untilMs = nowMs() + parsingMs;
    for (const member of this.#members) {
      this.#members.delete(member);
      member.parseWaiting();
      if (nowMs() >= untilMs) break;
    }
    if (this.#members.size > 0) setImmediate(this.#parseSoon);
  }
}

export const readBacklog = new ReadBacklog();
