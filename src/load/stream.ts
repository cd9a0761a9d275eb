import type { Backend } from './backends/index.ts';
import type { Prompt } from './datasets/index.ts';
import { Connection, type ConnectionEnd, type ConnectionHandler } from './http/connection.ts';
import type { ResponseHead } from './http/response-parser.ts';
import type { Target } from './http/target.ts';
import { Reply, type ReplyFailure } from './reply.ts';
import { type RequestLog, RequestState } from './request-log.ts';
import { tokenGaps } from './token-gaps.ts';

/** What all streams of a test share. */
export interface StreamSettings {
  readonly backend: Backend;
  /** The path to post to. */
  readonly path: string;
  readonly target: Target;
  readonly model: string;
  readonly ignoreEos: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

/** Counts over all streams of a phase that are not about one request. */
export interface StreamCounters {
  inFlight: number;
  /** Requests whose reply the server counted with another number of prompt tokens than was sent. */
  promptTokenMismatches: number;
  /** Requests whose tokens had to be taken from the number of chunks, for want of a usage. */
  repliesWithoutUsage: number;
  /** Connections opened while the clock ran. */
  reconnects: number;
}

const longestReconnectWaitMs = 1000;

/**
 * One stream of a load test: a connection that carries one request after another and records each in a RequestLog.
 * Every request ends exactly once, completed or failed, and then `onFree` is called.
 */
export class Stream implements ConnectionHandler {
  readonly #settings: StreamSettings;
  readonly #connection: Connection;
  readonly #reply: Reply;
  #log: RequestLog | undefined;
  #counters: StreamCounters | undefined;
  #onFree: (stream: Stream, index: number) => void = () => {};
  #opened: { resolve: () => void; reject: (end: ConnectionEnd) => void } | undefined;

  // The request in flight.
  #index = -1;
  #bytes: Uint8Array = new Uint8Array();
  #prompt: Prompt | undefined;
  #sent = false;
  #resent = false;
  #startMs = 0;

  #reconnectWaitMs = 0;
  #served = 0;
  #closing = false;

  constructor(settings: StreamSettings) {
    this.#settings = settings;
    this.#connection = new Connection(settings.target, this);
    this.#reply = new Reply(settings.backend);
  }

  /** Seconds the server's last reply asked to wait before the next request; 0 for none. */
  get retryAfterS(): number {
    return this.#reply.retryAfterS;
  }

  /** What the server counted as the last request's prompt, where it said so. */
  get countedPromptTokens(): number | undefined {
    return this.#reply.promptTokens;
  }

  /** Opens the connection before it is needed. Rejects with the ConnectionEnd. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opened = { resolve, reject };
      this.#connection.open();
    });
  }

  /** Where the requests to come are recorded, and who is told when one has ended. */
  attach(log: RequestLog, counters: StreamCounters, onFree: (stream: Stream, index: number) => void): void {
    this.#log = log;
    this.#counters = counters;
    this.#onFree = onFree;
  }

  /** Sends a request; its clock starts now, also when the connection must be opened again first. */
  start(index: number, prompt: Prompt): void {
    this.#bytes = this.#render(prompt);
    this.#index = index;
    this.#prompt = prompt;
    this.#sent = false;
    this.#resent = false;
    this.#reply.reset();
    const log = this.#log;
    if (log !== undefined) {
      log.state[index] = RequestState.inFlight;
      log.inputTokens[index] = prompt.inputTokens ?? 0;
    }
    if (this.#counters !== undefined) this.#counters.inFlight++;
    this.#startMs = performance.now();
    if (this.#connection.isOpen) this.#send();
    else this.#reconnect();
  }

  /** Gives up what is in flight when a deadline has passed. */
  checkDeadlines(nowMs: number): void {
    if (this.#index === -1) return;
    const idleMs = nowMs - this.#connection.lastActivityMs;
    if (this.#sent && idleMs > this.#settings.stallTimeoutMs) {
      this.#connection.abort({
        class: 'stalled',
        message: `no byte for ${this.#settings.stallTimeoutMs / 1000} s after ${this.#reply.chunks} chunks`,
      });
    } else if (!this.#sent && nowMs - this.#startMs > this.#settings.connectTimeoutMs) {
      this.#connection.abort({ class: 'connect-timeout', message: connectTimeoutMessage(this.#settings) });
    }
  }

  /** Ends the request in flight as abandoned, without calling `onFree`, and closes the connection. */
  close(): void {
    this.#closing = true;
    if (this.#index !== -1) this.#release(RequestState.abandoned, performance.now());
    this.#connection.abort({ class: 'aborted', message: 'the test was ended' });
  }

  onOpen(): void {
    this.#reconnectWaitMs = 0;
    this.#served = 0;
    this.#opened?.resolve();
    this.#opened = undefined;
    if (this.#index !== -1 && !this.#sent) this.#send();
  }

  onClose(end: ConnectionEnd): void {
    if (this.#opened !== undefined) {
      this.#opened.reject(end);
      this.#opened = undefined;
      return;
    }
    if (this.#index === -1 || this.#closing) return;
    const nowMs = performance.now();
    const untouched = this.#reply.status === 0 && !this.#connection.inResponse;
    if (!this.#sent) {
      // A server that restarts is tried again until the deadline for connecting.
      if (end.class.startsWith('connect') && nowMs - this.#startMs < this.#settings.connectTimeoutMs)
        this.#reconnect();
      else this.#fail(end, nowMs);
    } else if (
      untouched &&
      this.#served > 0 &&
      !this.#resent &&
      (end.class === 'closed' || end.class === 'reset')
    ) {
      // The server closed an idle connection just as it was used again: not an answer to this request.
      this.#resent = true;
      this.#sent = false;
      this.#reconnect();
    } else if (end.class === 'closed') {
      this.#fail(
        { class: 'cut-off', message: `the server closed the connection after ${this.#reply.chunks} chunks` },
        nowMs,
      );
    } else {
      this.#fail({ class: end.class, message: `${end.message} (after ${this.#reply.chunks} chunks)` }, nowMs);
    }
  }

  onHead(head: ResponseHead): void {
    this.#reply.head(head, () => {
      if (this.#index !== -1) this.#conclude(performance.now());
    });
  }

  onBody(buffer: Buffer, start: number, end: number, atMs: number): void {
    this.#reply.body(buffer, start, end, atMs);
  }

  onEnd(keepAlive: boolean, atMs: number): void {
    this.#served++;
    if (!keepAlive)
      this.#connection.abort({ class: 'closed', message: 'the server closes after each reply' });
    if (this.#index !== -1 && this.#reply.end()) this.#conclude(atMs);
  }

  #conclude(atMs: number): void {
    const failure = this.#reply.conclude(atMs);
    if (failure === undefined) this.#complete(atMs);
    else this.#fail(failure, atMs);
  }

  #render(prompt: Prompt): Uint8Array {
    const { backend, path, target, model, ignoreEos, headers } = this.#settings;
    const { before, after } = backend.envelope(prompt.body.kind, {
      model,
      outputTokens: prompt.outputTokens,
      ignoreEos,
    });
    const length = Buffer.byteLength(before) + prompt.body.json.length + Buffer.byteLength(after);
    let head = `POST ${target.pathPrefix}${path} HTTP/1.1\r\nHost: ${target.host}\r\n`;
    head += 'Content-Type: application/json\r\nAccept: text/event-stream\r\nAccept-Encoding: identity\r\n';
    for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
    head += `Content-Length: ${length}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head + before), prompt.body.json, Buffer.from(after)]);
  }

  #send(): void {
    this.#sent = true;
    // A connection opened beforehand starts the clock at the write; one that had to be opened again at the wish.
    if (this.#log !== undefined) this.#log.startMs[this.#index] = this.#startMs;
    this.#connection.write(this.#bytes);
  }

  #reconnect(): void {
    if (this.#counters !== undefined) this.#counters.reconnects++;
    const waitMs = this.#reconnectWaitMs;
    this.#reconnectWaitMs = Math.min(longestReconnectWaitMs, 2 * waitMs + 20);
    if (waitMs === 0) this.#connection.open();
    else
      setTimeout(() => {
        if (!this.#closing && this.#index !== -1) this.#connection.open();
      }, waitMs);
  }

  #complete(atMs: number): void {
    const log = this.#log;
    const prompt = this.#prompt;
    if (log === undefined || prompt === undefined) return;
    const index = this.#index;
    const { chunks, completionTokens, promptTokens, chunkGapsMs } = this.#reply;
    const tokens = completionTokens ?? chunks;
    // What the first chunk brought is taken as its share of the whole reply.
    const later = tokens - Math.max(1, Math.round(tokens / chunks));
    const gapsMs = tokenGaps(chunkGapsMs, Math.max(0, later));
    log.firstTokenMs[index] = this.#reply.firstChunkMs;
    log.lastTokenMs[index] = this.#reply.lastChunkMs;
    log.outputTokens[index] = tokens;
    log.chunks[index] = chunks;
    log.inputTokens[index] = prompt.inputTokens ?? promptTokens ?? 0;
    log.recordGaps(chunkGapsMs, gapsMs);
    if (log.detailedGapsMs !== undefined) log.detailedGapsMs[index] = gapsMs.slice();
    if (this.#counters !== undefined) {
      const { inputTokens = promptTokens } = prompt;
      if (completionTokens === undefined) this.#counters.repliesWithoutUsage++;
      if (promptTokens !== undefined && promptTokens !== inputTokens) this.#counters.promptTokenMismatches++;
    }
    if (this.#settings.ignoreEos && tokens !== prompt.outputTokens) {
      const troubleClass = tokens < prompt.outputTokens ? 'short-reply' : 'long-reply';
      log.trouble(index, troubleClass, `${tokens} tokens of ${prompt.outputTokens} asked`, false);
    }
    this.#release(RequestState.completed, atMs);
    this.#onFree(this, index);
  }

  #fail({ class: failureClass, message }: ReplyFailure, atMs: number): void {
    const index = this.#index;
    this.#log?.trouble(index, failureClass, message, true);
    this.#release(RequestState.failed, atMs);
    this.#onFree(this, index);
  }

  #release(state: RequestState, atMs: number): void {
    if (this.#log !== undefined) {
      this.#log.state[this.#index] = state;
      this.#log.endMs[this.#index] = atMs;
    }
    if (this.#counters !== undefined) this.#counters.inFlight--;
    this.#index = -1;
  }
}

function connectTimeoutMessage(settings: StreamSettings): string {
  return `no connection to ${settings.target.host} after ${settings.connectTimeoutMs / 1000} s`;
}
