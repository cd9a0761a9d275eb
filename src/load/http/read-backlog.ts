import { nowMs } from '../clock.ts';

/** Has bytes that it read and stamped, and is still to parse. */
export interface BacklogMember {
  parseWaiting(): void;
}

/** How long is parsed between two looks at the sockets, milliseconds: so late can a time stamp be for it. */
const parsingMs = 0.3;
/** No more bytes than this wait; what is read beyond them is parsed at once, which holds the server up. */
const mostBytes = 4 << 20;

/**
 * What the connections of a thread have read and not parsed, so that time stamps go first: all sockets that are ready
 * are read, then what came is parsed in its order, a little at a time, with looks at the sockets in between.
 */
class ReadBacklog {
  readonly #members = new Set<BacklogMember>();
  #bytes = 0;

  hasRoomFor(bytes: number): boolean {
    return this.#bytes + bytes <= mostBytes;
  }

  /** A member has more bytes waiting. */
  add(member: BacklogMember, bytes: number): void {
    if (this.#members.size === 0) setImmediate(() => this.#parseSome());
    this.#members.add(member);
    this.#bytes += bytes;
  }

  /** Some bytes of a member wait no longer. */
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
