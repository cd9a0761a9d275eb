import { createServer, type Server, type Socket } from 'node:net';
import { fieldOf, numberAt } from '../backends/json-fields.ts';
import { type MockRequest, RequestReader } from './request-reader.ts';
import { TruthLog } from './truth.ts';

/** How the mock engine replies. */
export interface MockSettings {
  /** From the complete request to the first token, in milliseconds. */
  readonly ttftMs: number;
  /** Between events, in milliseconds; 0 writes as fast as the client reads. */
  readonly itlMs: number;
  readonly tokensPerEvent: number;
  /** Events per write. */
  readonly eventsPerWrite: number;
  /** Replies in progress at once; further requests wait for one to end. By default there is no limit. */
  readonly slots?: number;
}

/** A reply in progress. */
interface Reply {
  readonly socket: Socket;
  readonly chat: boolean;
  readonly receivedMs: number;
  /** When it left the queue. */
  admittedMs: number;
  readonly events: number;
  readonly usage: string;
  sent: number;
  firstMs: number;
  lastMs: number;
}

const head =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n';

/**
 * An OpenAI-compatible engine without a model. It replies at configured times and records by its own clock what it did,
 * as the truth to compare a client's figures with.
 */
export class MockEngine {
  readonly #settings: MockSettings;
  readonly #server: Server;
  readonly #replies = new Set<Reply>();
  readonly #waiting = new Set<Reply>();
  readonly #sockets = new Set<Socket>();
  #truth = new TruthLog();
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: MockSettings) {
    this.#settings = settings;
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  /** Listens on loopback; resolves to the port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host: '127.0.0.1', backlog: 4096 }, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    const reader = new RequestReader();
    this.#sockets.add(socket);
    socket.on('data', (bytes) => {
      for (const request of reader.push(bytes)) this.#handle(socket, request, performance.now());
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      for (const reply of [...this.#waiting, ...this.#replies]) {
        if (reply.socket === socket) this.#finish(reply, undefined);
      }
    });
  }

  #handle(socket: Socket, { method, path, body }: MockRequest, receivedMs: number): void {
    if (path.endsWith('/completions') && method === 'POST') {
      this.#begin(socket, path.includes('/chat/'), body, receivedMs);
    } else if (path === '/truth') {
      writeJson(socket, this.#truth.summary());
    } else if (path === '/reset') {
      this.#truth = new TruthLog();
      writeJson(socket, {});
    } else if (path === '/health') {
      writeJson(socket, { status: 'ok' });
    } else {
      socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    }
  }

  #begin(socket: Socket, chat: boolean, body: Buffer, receivedMs: number): void {
    const request: unknown = JSON.parse(body.toString());
    const tokens = numberAt(request, 'max_tokens') ?? 16;
    const promptTokens = countPromptTokens(request);
    this.#truth.began(socket);
    this.#waiting.add({
      socket,
      chat,
      receivedMs,
      admittedMs: Number.NaN,
      events: Math.ceil(tokens / this.#settings.tokensPerEvent),
      usage: JSON.stringify({ prompt_tokens: promptTokens, completion_tokens: tokens }),
      sent: 0,
      firstMs: 0,
      lastMs: 0,
    });
    this.#admit(receivedMs);
    this.#schedule();
  }

  #admit(atMs: number): void {
    const { slots = Number.POSITIVE_INFINITY } = this.#settings;
    for (const reply of this.#waiting) {
      if (this.#replies.size >= slots) return;
      this.#waiting.delete(reply);
      reply.admittedMs = atMs;
      this.#replies.add(reply);
    }
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#writeDue();
    }, 1);
  }

  #writeDue(): void {
    const { ttftMs, itlMs, eventsPerWrite } = this.#settings;
    for (const reply of this.#replies) {
      // A client that reads too slowly must not fill this process's memory.
      if (reply.socket.writableNeedDrain) continue;
      const nowMs = performance.now();
      if (nowMs < reply.admittedMs + ttftMs + itlMs * reply.sent) continue;
      this.#write(reply, Math.min(eventsPerWrite, reply.events - reply.sent), nowMs);
    }
    if (this.#replies.size > 0) this.#schedule();
  }

  #write(reply: Reply, count: number, nowMs: number): void {
    const first = reply.sent === 0;
    const text = ' the'.repeat(this.#settings.tokensPerEvent);
    let bytes = first ? head : '';
    for (let event = 0; event < count; event++) bytes += chunk(event === 0 && first, reply.chat, text);
    reply.sent += count;
    const last = reply.sent === reply.events;
    if (last) bytes += ending(reply);
    if (first) {
      reply.firstMs = nowMs;
      this.#truth.firstToken(nowMs - reply.receivedMs);
    } else this.#truth.gap(nowMs - reply.lastMs);
    for (let event = 1; event < count; event++) this.#truth.gap(0);
    reply.lastMs = nowMs;
    reply.socket.write(bytes, 'latin1');
    if (last)
      this.#finish(reply, reply.events > 1 ? (nowMs - reply.firstMs) / (reply.events - 1) : undefined);
  }

  #finish(reply: Reply, tpotMs: number | undefined): void {
    this.#waiting.delete(reply);
    this.#replies.delete(reply);
    this.#admit(performance.now());
    this.#truth.ended(tpotMs);
  }
}

/**
 * The prompt's tokens: its ids, or for text its words, since the random data set sends words that are one token each.
 */
function countPromptTokens(request: unknown): number {
  const prompt = fieldOf(request, 'prompt');
  if (Array.isArray(prompt)) return prompt.length;
  const text = typeof prompt === 'string' ? prompt : JSON.stringify(fieldOf(request, 'messages'));
  return text.split(' ').length - 1;
}

function chunk(first: boolean, chat: boolean, text: string): string {
  const choice = chat
    ? {
        index: 0,
        delta: first ? { role: 'assistant', content: text } : { content: text },
        finish_reason: null,
      }
    : { index: 0, text, logprobs: null, finish_reason: null };
  return httpChunk(
    `data: ${JSON.stringify({ id: 'mock', created: 1700000000, model: 'mock', choices: [choice] })}\n\n`,
  );
}

function ending({ chat, usage }: Reply): string {
  const choice = chat
    ? { index: 0, delta: {}, finish_reason: 'length' }
    : { index: 0, text: '', finish_reason: 'length' };
  return `${httpChunk(`data: ${JSON.stringify({ id: 'mock', choices: [choice] })}\n\n`)}${httpChunk(
    `data: {"id":"mock","choices":[],"usage":${usage}}\n\n`,
  )}${httpChunk('data: [DONE]\n\n')}0\r\n\r\n`;
}

function httpChunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

function writeJson(socket: Socket, value: unknown): void {
  const body = JSON.stringify(value);
  socket.write(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}
