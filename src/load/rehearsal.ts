import type { Backend } from './backends/backend.ts';
import { type ResponseHandler, ResponseParser } from './http/response-parser.ts';
import { newCounters, type Recording, recordReply } from './recording.ts';
import { Reply } from './reply/index.ts';
import { RequestLog, RequestState } from './request-log.ts';

/** A single stream cannot delay others. */
const leastStreams = 2;
const replies = 2;
const tokens = 8;

/**
 * Reads two synthetic replies of a backend and discards them. Node loads and compiles code when it first runs; this
 * takes about 10 ms, which would otherwise delay the first replies of all streams.
 */
export function rehearse(backend: Backend, streams: number): void {
  if (streams < leastStreams) return;
  const reader = new SampleReader(backend);
  for (let number = 0; number < replies; number++) reader.read(`sample-${number}`);
}

/** Reads synthetic replies as a stream does, without a connection. */
export class SampleReader implements ResponseHandler {
  readonly #backend: Backend;
  readonly #parser = new ResponseParser();
  readonly #reply: Reply;
  readonly recording: Recording = {
    log: RequestLog.ofLength(1),
    counters: newCounters(),
    keepTexts: 'none',
  };

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#reply = new Reply(backend);
  }

  /** Throws if the sample cannot be read. */
  read(id: string): void {
    this.#reply.reset({ outputTokens: tokens, choices: 1, candidates: 1, keepText: false });
    this.#parser.expect();
    for (const [atMs, bytes] of responseOf(this.#backend, id).entries()) {
      this.#parser.push(bytes, 0, bytes.length, atMs, this);
    }
  }

  onHead(head: Parameters<ResponseHandler['onHead']>[0]): void {
    this.#reply.head(head, { onUnpacked: () => {}, onBroken: refuse });
  }

  onBody(buffer: Buffer, start: number, end: number, atMs: number): void {
    this.#reply.body(buffer, start, end, atMs);
  }

  onEnd(_keepAlive: boolean, atMs: number): void {
    this.#reply.end();
    const failure = this.#reply.conclude(atMs);
    if (failure !== undefined) refuse(failure);
    this.recording.log.state[0] = RequestState.completed;
    const request = { bytes: new Uint8Array(), inputTokens: undefined, outputTokens: tokens };
    recordReply(this.recording, 0, request, this.#reply, {
      ignoreEos: true,
      endMs: this.#reply.endMs(atMs),
    });
    this.#reply.close();
  }
}

function refuse(cause: unknown): never {
  throw new Error('the sample of a reply cannot be parsed', { cause });
}

/** The bytes of a response; each element is one read. */
function responseOf(backend: Backend, id: string): Buffer[] {
  const { contentType, writes } = backend.sample(id, tokens);
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${contentType}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const chunks = writes.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`);
  return [head, ...chunks, '0\r\n\r\n'].map((text) => Buffer.from(text, 'latin1'));
}
