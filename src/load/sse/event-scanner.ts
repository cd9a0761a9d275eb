import { parseBounded } from '../reply/bounded-json.ts';
import { BrokenReply } from '../reply/broken-reply.ts';
import { EventTemplate } from './event-template.ts';
import { holdBytes, releaseBytes } from './held-bytes.ts';

/** Deviations from the standard that are accepted, with the text in which they are reported. */
export const oddities = {
  leadingSpace: 'lines of the stream start with white space',
  doublePrefix: '"data:" occurs twice on a line',
  singleNewline: 'events are separated by a single line break instead of a blank line',
  jsonLines: 'lines of JSON without "data:"',
} as const;
export type Oddity = (typeof oddities)[keyof typeof oddities];

/** Receives the events of a stream. */
export interface EventHandler {
  /** Another token event whose bytes, except for its text, equal those of the last learned event. */
  onPlainToken(atMs: number): void;
  /** The plain token event just passed to `onEvent` is the one that `onPlainToken` stands for from now on. */
  onLearn(): void;
  /**
   * The joined `data` of one event under its name, or ''. A line `error: …` is an event named `error`; so is an `event:
   * error` without data, whose data is then the comment next to it, if any. Returns whether it was a plain token event:
   * text and nothing else that the handler must see, so that events which differ only in their text may be passed to
   * `onPlainToken` once it is learned. `atMs` is when its last data line was complete, not when the blank line after it
   * arrived.
   */
  onEvent(data: string, name: string, atMs: number): boolean;
  /** Accepted something that the standard does not allow. */
  onOddity(oddity: Oddity): void;
}

/** Larger than what any engine sends: 20 MB of echoed log probabilities have been seen. */
const maximumEventBytes = 32 * 1024 * 1024;
const maximumLines = 65_536;
/** No server sends more lines, including blank ones and comments, between two events. */
const mostQuietLines = 1_000_000;
const maximumCommentLength = 300;
/** Up to this size, a buffer is reused for the next reply. */
const keptBytes = 65_536;
const lineFeed = 10;
const carriageReturn = 13;
const colon = 58;

/**
 * Splits a server-sent event stream, in pieces of any size, into events (WHATWG HTML, 9.2.6, except for the byte order
 * mark: CR, LF and CRLF, comments, `event`, `data` of several lines). Plain token events are recognised by comparing
 * their bytes with the last one, so the hot path does not decode, parse or allocate. Lines of JSON without `data:` are
 * also events.
 */
export class EventScanner {
  readonly #template: EventTemplate;
  readonly #mostQuietLines: number;
  /** Bytes of an unfinished line; `#carried` of them are in use. */
  #carry: Buffer = Buffer.alloc(0);
  #carried = 0;
  /** How far `#carry` was searched for the end of a line. */
  #searched = 0;
  /** The last byte was a CR that ended a line: a LF right after it belongs to the same line ending. */
  #afterReturn = false;

  // The event in progress: a data line or its name was read.
  #begun = false;
  #lines: string[] = [];
  #dataLength = 0;
  #dataMs = 0;
  #name = '';
  #comment = '';
  /** Events came without blank lines between them, so each line that is complete JSON is an event. */
  #isLineEach = false;
  /** Lines since the last event. */
  #quietLines = 0;

  /** `textKeys`: the JSON keys under which token text is found. */
  constructor(textKeys: readonly string[], limits: { readonly quietLines?: number } = {}) {
    this.#template = new EventTemplate(textKeys);
    this.#mostQuietLines = limits.quietLines ?? mostQuietLines;
  }

  reset(): void {
    this.#template.forget();
    this.#carried = 0;
    this.#searched = 0;
    this.#afterReturn = false;
    this.#isLineEach = false;
    this.#quietLines = 0;
    this.#forgetEvent();
    // One huge event must not keep its memory for the rest of the run.
    if (this.#carry.length > keptBytes) {
      releaseBytes(this.#carry.length);
      this.#carry = Buffer.alloc(0);
    }
  }

  /** The end of the unfinished line; '' if there is none. */
  get unfinishedLine(): string {
    const from = Math.max(0, this.#carried - maximumCommentLength);
    return this.#carry.toString('utf8', from, this.#carried);
  }

  /** Forgets the learned token event; the next one is passed to `onEvent`. */
  forget(): void {
    this.#template.forget();
  }

  /** Throws BrokenReply if an event, or the lines without one, grow beyond what any engine sends. */
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

  /** The stream ended: an unfinished line and an event without a blank line still count. */
  end(atMs: number, handler: EventHandler): void {
    if (this.#carried > 0) {
      const { length } = this.#lines;
      this.#line(this.#carry, 0, this.#carried, atMs, handler);
      this.#carried = 0;
      if (this.#lines.length > length) this.#dataMs = atMs;
    }
    this.#dispatch(atMs, handler);
  }

  /** Handles all complete lines of `buffer[start, end)`; returns where the first unfinished line starts. */
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
    // Position of the next LF, or `end`. It is searched for only once, however many CRs end lines before it.
    let feed = -1;
    if (this.#afterReturn) {
      this.#afterReturn = false;
      if (buffer[at] === lineFeed) at = from = at + 1;
    }
    while (at < end) {
      // An event that arrives in pieces is left to the line search, which looks at each byte once.
      if (from === at && !this.#begun) {
        const next = template.match(buffer, at, end);
        if (next !== -1) {
          handler.onPlainToken(atMs);
          this.#quietLines = 0;
          at = next;
          from = next;
          continue;
        }
      }
      if (feed < from) feed = nextLineFeed(buffer, from, end);
      const stop = endOfLine(buffer, from, feed);
      if (stop === end) return at;
      if (++this.#quietLines > this.#mostQuietLines) {
        throw new BrokenReply(
          'runaway-reply',
          `the reply has ${this.#mostQuietLines} lines without an event`,
        );
      }
      if (stop > at) this.#line(buffer, at, stop, atMs, handler);
      const next = this.#skipLineEnd(buffer, stop, end);
      if (stop > at) {
        // Learning requires the whole event in one piece: its data line and the blank line after it.
        if (next < end && (buffer[next] === lineFeed || buffer[next] === carriageReturn)) {
          const isWhole = this.#lines.length === 1;
          const after = this.#skipLineEnd(buffer, next, end);
          if (this.#dispatch(atMs, handler) && isWhole) {
            template.learn(buffer, at, after);
            handler.onLearn();
          }
          at = after;
          from = at;
          continue;
        }
      } else {
        this.#dispatch(atMs, handler);
      }
      at = next;
      from = at;
    }
    return at;
  }

  /** Where the next line starts after the line ending at `stop`. */
  #skipLineEnd(buffer: Buffer, stop: number, end: number): number {
    if (buffer[stop] === lineFeed) return stop + 1;
    if (stop + 1 === end) this.#afterReturn = true;
    return stop + 1 < end && buffer[stop + 1] === lineFeed ? stop + 2 : stop + 1;
  }

  /** Handles one non-empty line, without its line ending. */
  #line(buffer: Buffer, start: number, end: number, atMs: number, handler: EventHandler): void {
    // "data:" and an optional space, as nearly every line starts.
    if (
      buffer[start] === 100 &&
      buffer[start + 1] === 97 &&
      buffer[start + 2] === 116 &&
      buffer[start + 3] === 97 &&
      buffer[start + 4] === colon
    ) {
      const from = buffer[start + 5] === 32 ? start + 6 : start + 5;
      this.#data(buffer.toString('utf8', Math.min(from, end), end), atMs, handler);
    } else this.#otherLine(buffer.toString('utf8', start, end), atMs, handler);
  }

  /** Handles a line that does not start with `data:`. */
  #otherLine(line: string, atMs: number, handler: EventHandler): void {
    if (line.startsWith(':')) {
      this.#comment = line.slice(1, 1 + maximumCommentLength).trim();
      return;
    }
    if (line === 'data') {
      this.#data('', atMs, handler);
      return;
    }
    const trimmed = line.trimStart();
    if (trimmed.startsWith('{') || trimmed.startsWith('[')) {
      handler.onOddity(oddities.jsonLines);
      this.#dispatch(atMs, handler);
      this.#event(trimmed, '', atMs, handler);
      return;
    }
    const [, field = '', value = ''] = /^([^:\s]+)\s*:\s?(.*)$/s.exec(trimmed) ?? [];
    if (field === 'event') {
      this.#name = value.trim();
      this.#begun = true;
    } else if (field === 'error') this.#event(value, 'error', atMs, handler);
    else if (field === 'data' && trimmed.length < line.length) {
      handler.onOddity(oddities.leadingSpace);
      this.#data(value, atMs, handler);
    } else if (
      /data:\s*[{[]/.test(line) ||
      trimmed.startsWith('<') ||
      (field === '' && /\S\s+\S/.test(line))
    ) {
      // Unknown fields are skipped, but this one contains an event or a proxy's message.
      this.#event(line, '', atMs, handler);
    }
  }

  #data(value: string, atMs: number, handler: EventHandler): void {
    let data = value;
    if (data.startsWith('data:')) {
      handler.onOddity(oddities.doublePrefix);
      while (data.startsWith('data:')) data = data.slice(5).trimStart();
    }
    // Complete JSON is never continued on another line, so the next line is another event.
    if (this.#lines.length === 1 && isWhole(this.#lines[0] ?? '')) {
      handler.onOddity(oddities.singleNewline);
      this.#isLineEach = true;
      this.#dispatch(atMs, handler);
    }
    this.#dataLength += data.length + 1;
    if (this.#dataLength > maximumEventBytes || this.#lines.length === maximumLines) {
      throw new BrokenReply(
        'oversized-event',
        `an event is larger than ${maximumEventBytes / 2 ** 20} MiB or ${maximumLines} lines`,
      );
    }
    this.#lines.push(data);
    this.#begun = true;
    this.#dataMs = atMs;
    if (this.#isLineEach && this.#lines.length === 1 && isWhole(data)) this.#dispatch(atMs, handler);
  }

  /** Ends the event in progress, if any, at the time of its last data line. */
  #dispatch(atMs: number, handler: EventHandler): boolean {
    if (this.#lines.length === 0 && this.#name !== 'error') {
      this.#forgetEvent();
      return false;
    }
    const hasData = this.#lines.length > 0;
    const data = hasData ? joinedLines(this.#lines) : this.#comment;
    const name = this.#name;
    this.#forgetEvent();
    return this.#event(data, name, hasData ? this.#dataMs : atMs, handler);
  }

  #event(data: string, name: string, atMs: number, handler: EventHandler): boolean {
    this.#quietLines = 0;
    return handler.onEvent(data, name, atMs);
  }

  #forgetEvent(): void {
    this.#lines.length = 0;
    this.#begun = false;
    this.#dataLength = 0;
    this.#name = '';
    this.#comment = '';
  }

  #append(buffer: Buffer, start: number, end: number): void {
    const needed = this.#carried + end - start;
    if (needed > maximumEventBytes) {
      throw new BrokenReply(
        'oversized-event',
        `a line of an event is longer than ${maximumEventBytes / 2 ** 20} MiB`,
      );
    }
    if (needed > this.#carry.length) {
      const size = Math.max(1024, 2 ** Math.ceil(Math.log2(needed)));
      if (size > keptBytes) holdBytes(size);
      if (this.#carry.length > keptBytes) releaseBytes(this.#carry.length);
      const grown = Buffer.allocUnsafeSlow(size);
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    buffer.copy(this.#carry, this.#carried, start, end);
    this.#carried = needed;
  }
}

function joinedLines(lines: readonly string[]): string {
  return lines.length === 1 ? (lines[0] ?? '') : lines.join('\n');
}

/** The offset of the next LF in `buffer[from, end)`, or `end`. */
function nextLineFeed(buffer: Buffer, from: number, end: number): number {
  const found = buffer.indexOf(lineFeed, from);
  return found === -1 || found > end ? end : found;
}

/** The offset of the line ending in `buffer[from, feed]`: the first CR before the LF at `feed`, or `feed`. */
function endOfLine(buffer: Buffer, from: number, feed: number): number {
  // A bounded view: otherwise the search would continue through leftovers of earlier reads.
  const found = buffer.subarray(from, feed).indexOf(carriageReturn);
  return found === -1 ? feed : from + found;
}

/** Whether a text is `[DONE]` or complete JSON. */
function isWhole(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed === '[DONE]') return true;
  if (!trimmed.endsWith('}') && !trimmed.endsWith(']')) return false;
  return parseBounded(trimmed) !== undefined;
}
