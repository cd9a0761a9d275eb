import type { Backend } from './backends/index.ts';
import { BrokenReply } from './broken-reply.ts';
import { GzipBody } from './http/gzip-body.ts';
import type { ResponseHead } from './http/response-parser.ts';
import { type EventHandler, EventScanner } from './sse/event-scanner.ts';

/** Why a reply that ended is none. */
export interface ReplyFailure {
  readonly class: string;
  readonly message: string;
}

/** A reply may bring so many chunks per token asked, and some more, before it is taken for one without an end. */
const mostChunksPerToken = 4;
const chunksAllowedBeyond = 4096;
/** More chunks with text than this share of the tokens that a usage states contradict it. */
const plausibleChunkShare = 1.1;

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
  #gapsMs = new Float32Array();
  /** Tokens the server counted after each chunk with text, as far as it did. */
  #counts = new Uint32Array(0);
  #counted = 0;
  #textLength = 0;
  #keepText = false;
  #mostChunks = 0;
  #finished = false;
  #failure: ReplyFailure | undefined;
  #isEventStream = false;
  #otherBody = '';

  /** 0 until the head has come. */
  status = 0;
  /** What was said, where it is kept. */
  text = '';
  /** Chunks with text. */
  chunks = 0;
  firstChunkMs = 0;
  lastChunkMs = 0;
  /** The server's own counts, where it gives them. */
  completionTokens: number | undefined;
  promptTokens: number | undefined;
  /** The server counted fewer tokens than it had before. */
  countsFell = false;
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

  /** Tokens so far after each chunk, where the server counted them with every one. */
  get chunkTokens(): Uint32Array | undefined {
    return this.chunks > 0 && this.#counted === this.chunks
      ? this.#counts.subarray(0, this.chunks)
      : undefined;
  }

  /** Whether what the server counted cannot be: less than before, or less than the chunks that had text. */
  get contradictsItself(): boolean {
    const { completionTokens: tokens } = this;
    return tokens !== undefined && (this.countsFell || this.chunks > plausibleChunkShare * tokens + 2);
  }

  /** Makes ready for the reply to a request for `outputTokens`; `keepText` keeps what it says. */
  reset({ outputTokens, keepText }: { readonly outputTokens: number; readonly keepText: boolean }): void {
    this.#keepText = keepText;
    this.#mostChunks = mostChunksPerToken * outputTokens + chunksAllowedBeyond;
    this.#scanner.reset();
    this.#gzip?.close();
    this.#gzip = undefined;
    this.#counted = 0;
    this.#textLength = 0;
    this.text = '';
    this.countsFell = false;
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

  /**
   * Reads the head. For a packed body `onUnpacked` is called after `end` when all of it was read, or `onBroken` when it
   * cannot be read on.
   */
  head(
    { status, headers }: ResponseHead,
    { onUnpacked, onBroken }: { onUnpacked: () => void; onBroken: (error: unknown) => void },
  ): void {
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
        (bytes, atMs) => {
          try {
            this.#read(bytes, 0, bytes.length, atMs);
          } catch (error) {
            onBroken(error);
          }
        },
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
    const before = this.completionTokens ?? 0;
    const { text, completionTokens, promptTokens, finished, error } = this.#backend.read(json, {
      textLength: this.#textLength,
      completionTokens: before,
    });
    if (error !== undefined) this.#failure ??= { class: 'server-error', message: error };
    if (completionTokens !== undefined) {
      if (completionTokens < before) this.countsFell = true;
      this.completionTokens = completionTokens;
    }
    if (promptTokens !== undefined) this.promptTokens = promptTokens;
    if (finished === true) this.#finished = true;
    if (text === '') return false;
    this.#textLength += text.length;
    if (completionTokens !== undefined) this.#recordCount(completionTokens);
    this.onPlainToken(atMs);
    if (this.#keepText) {
      this.text += text;
      return false;
    }
    return completionTokens === undefined && finished !== true && error === undefined;
  }

  #read(buffer: Buffer, start: number, end: number, atMs: number): void {
    if (this.#isEventStream) {
      this.#scanner.push(buffer, start, end, atMs, this);
    } else if (this.#otherBody.length < maximumExampleBytes) {
      this.#otherBody += buffer.toString('utf8', start, Math.min(end, start + maximumExampleBytes));
    }
  }

  /** Before the chunk itself is counted. */
  #recordCount(tokens: number): void {
    if (this.#counted !== this.chunks) return;
    if (this.chunks >= this.#counts.length) {
      const grown = new Uint32Array(Math.max(256, 2 * this.#counts.length));
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#counts[this.#counted++] = tokens;
  }

  #growGaps(): void {
    if (this.#gapsMs.length > this.#mostChunks)
      throw new BrokenReply(
        'runaway-reply',
        `the reply goes on after ${this.chunks} chunks, far beyond what was asked`,
      );
    const grown = new Float32Array(Math.max(256, 2 * this.#gapsMs.length));
    grown.set(this.#gapsMs);
    this.#gapsMs = grown;
  }
}
