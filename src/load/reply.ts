import type { Backend } from './backends/index.ts';
import { GzipBody } from './http/gzip-body.ts';
import type { ResponseHead } from './http/response-parser.ts';
import { type EventHandler, EventScanner } from './sse/event-scanner.ts';

/** Why a reply that ended is none. */
export interface ReplyFailure {
  readonly class: string;
  readonly message: string;
}

const maximumExampleLength = 300;
const maximumExampleBytes = 2048;

/**
 * What a server answered to one request: reads the response as it comes and keeps its times and counts. One object
 * serves all requests of a stream, so that reading tokens allocates nothing.
 */
export class Reply implements EventHandler {
  readonly #backend: Backend;
  readonly #scanner: EventScanner;
  #gzip: GzipBody | undefined;
  #gapsMs = new Float32Array(256);
  #textLength = 0;
  #finished = false;
  #failure: ReplyFailure | undefined;
  #isEventStream = false;
  #otherBody = '';

  /** 0 until the head has come. */
  status = 0;
  /** Chunks with text. */
  chunks = 0;
  firstChunkMs = 0;
  lastChunkMs = 0;
  /** The server's own counts, where it gives them. */
  completionTokens: number | undefined;
  promptTokens: number | undefined;
  /** Seconds the server asks to wait before the next request; 0 for none. */
  retryAfterS = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#scanner = new EventScanner(backend.textKeys);
  }

  /** Gaps between successive chunks with text, milliseconds; valid until the next `reset`. */
  get chunkGapsMs(): Float32Array {
    return this.#gapsMs.subarray(0, Math.max(0, this.chunks - 1));
  }

  reset(): void {
    this.#scanner.reset();
    this.#gzip?.close();
    this.#gzip = undefined;
    this.#textLength = 0;
    this.#finished = false;
    this.#failure = undefined;
    this.#isEventStream = false;
    this.#otherBody = '';
    this.status = 0;
    this.chunks = 0;
    this.completionTokens = undefined;
    this.promptTokens = undefined;
    this.retryAfterS = 0;
  }

  /** Reads the head. `onUnpacked` is called after `end` when the body is packed and all of it was read. */
  head({ status, headers }: ResponseHead, onUnpacked: () => void): void {
    this.status = status;
    const type = headers.get('content-type') ?? '';
    this.#isEventStream = status === 200 && type.toLowerCase().startsWith('text/event-stream');
    if (status === 200 && !this.#isEventStream) {
      this.#failure = { class: 'wrong-content-type', message: `content-type is ${JSON.stringify(type)}` };
    }
    const retryAfter = headers.get('retry-after') ?? '';
    if (status !== 200 && /^\d+$/.test(retryAfter)) this.retryAfterS = Number(retryAfter);
    if (/^(x-)?gzip$/i.test(headers.get('content-encoding') ?? '')) {
      this.#gzip = new GzipBody(
        (bytes, atMs) => this.#read(bytes, 0, bytes.length, atMs),
        (error) => {
          if (error !== undefined) this.#failure ??= { class: 'malformed-gzip', message: error.message };
          onUnpacked();
        },
      );
    }
  }

  body(buffer: Buffer, start: number, end: number, atMs: number): void {
    if (this.#gzip === undefined) this.#read(buffer, start, end, atMs);
    else this.#gzip.push(buffer, start, end, atMs);
  }

  /** The response is whole. Returns whether all of it was read; if not, `onUnpacked` will be called. */
  end(): boolean {
    this.#gzip?.end();
    return this.#gzip === undefined;
  }

  /** What is wrong with the reply, now that it is whole; undefined for a good one. */
  conclude(atMs: number): ReplyFailure | undefined {
    if (this.#isEventStream) this.#scanner.end(atMs, this);
    const example = this.#otherBody.slice(0, maximumExampleLength);
    if (this.status !== 200) {
      return { class: `http-${this.status}`, message: example || `status ${this.status}` };
    }
    if (this.#failure !== undefined) {
      const { class: failureClass, message } = this.#failure;
      return { class: failureClass, message: example === '' ? message : `${message}: ${example}` };
    }
    if (!this.#finished && this.#backend.endsWithoutMark !== true) {
      return { class: 'cut-off', message: `the reply ended without an end mark after ${this.chunks} chunks` };
    }
    return this.chunks === 0 ? { class: 'empty-reply', message: 'the reply has no text' } : undefined;
  }

  onPlainToken(atMs: number): void {
    const gap = this.chunks++ - 1;
    if (gap < 0) this.firstChunkMs = atMs;
    else {
      if (gap === this.#gapsMs.length) this.#growGaps();
      this.#gapsMs[gap] = atMs - this.lastChunkMs;
    }
    this.lastChunkMs = atMs;
  }

  onEvent(data: string, atMs: number): boolean {
    if (data === '[DONE]') {
      this.#finished = true;
      return false;
    }
    let json: unknown;
    try {
      json = JSON.parse(data);
    } catch {
      const start = data.slice(0, maximumExampleLength);
      this.#failure ??= { class: 'malformed-event', message: `not JSON: ${start}` };
      return false;
    }
    const { textLength, completionTokens, promptTokens, finished, error } = this.#backend.read(
      json,
      this.#textLength,
    );
    if (error !== undefined) this.#failure ??= { class: 'server-error', message: error };
    if (completionTokens !== undefined) this.completionTokens = completionTokens;
    if (promptTokens !== undefined) this.promptTokens = promptTokens;
    if (finished === true) this.#finished = true;
    if (textLength === 0) return false;
    this.#textLength += textLength;
    this.onPlainToken(atMs);
    return completionTokens === undefined && finished !== true && error === undefined;
  }

  #read(buffer: Buffer, start: number, end: number, atMs: number): void {
    if (this.#isEventStream) {
      this.#scanner.push(buffer, start, end, atMs, this);
    } else if (this.#otherBody.length < maximumExampleBytes) {
      this.#otherBody += buffer.toString('utf8', start, Math.min(end, start + maximumExampleBytes));
    }
  }

  #growGaps(): void {
    const grown = new Float32Array(2 * this.#gapsMs.length);
    grown.set(this.#gapsMs);
    this.#gapsMs = grown;
  }
}
