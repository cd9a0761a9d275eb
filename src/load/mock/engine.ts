import { createServer, type Server, type Socket } from 'node:net';
import { fieldOf, numberAt } from '../backends/json-fields.ts';
import { MockPrefixCache } from './prefix-cache.ts';
import { type MockRequest, RequestReader } from './request-reader.ts';
import { type RequestTruth, TruthLog } from './truth.ts';

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
  /** Tokens of its prefix cache, whose hits it reports. By default it has none and reports none. */
  readonly cacheTokens?: number;
  /** Added to the time to the first token for each prompt token that is not in the cache. */
  readonly prefillMsPerToken?: number;
  /** Keeps the times of every request, and answers `/requests` with them. */
  readonly keepsRequests?: boolean;
}

/** A reply in progress. */
interface Reply {
  readonly socket: Socket;
  readonly chat: boolean;
  readonly receivedMs: number;
  /** When it left the queue. */
  admittedMs: number;
  readonly prefillMs: number;
  readonly events: number;
  readonly usage: string;
  /** What the request says before its reply starts. */
  readonly asked: Omit<RequestTruth, 'receivedMs' | 'firstMs' | 'lastMs'>;
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
  readonly #cache: MockPrefixCache | undefined;
  #truth = new TruthLog();
  #requests: RequestTruth[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: MockSettings) {
    this.#settings = settings;
    this.#cache = settings.cacheTokens === undefined ? undefined : new MockPrefixCache(settings.cacheTokens);
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

  #handle(socket: Socket, request: MockRequest, receivedMs: number): void {
    const { method, path } = request;
    if (path.endsWith('/completions') && method === 'POST') {
      this.#begin(socket, request, receivedMs);
    } else if (path === '/truth') {
      writeJson(socket, this.#truth.summary());
    } else if (path === '/requests') {
      writeJson(socket, this.#requests);
    } else if (path === '/reset') {
      this.#truth = new TruthLog();
      this.#requests = [];
      writeJson(socket, {});
    } else if (path === '/health') {
      writeJson(socket, { status: 'ok' });
    } else {
      socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    }
  }

  #begin(socket: Socket, { path, head: headers, body }: MockRequest, receivedMs: number): void {
    const request: unknown = JSON.parse(body.toString());
    const tokens = numberAt(request, 'max_tokens') ?? numberAt(request, 'max_completion_tokens') ?? 16;
    const promptTokens = countPromptTokens(request);
    const cached = this.#cache?.use(headOf(request), wordsOf(request)).cachedTokens;
    const [, session = ''] = /\r\nx-correlation-id: *([^\r]*)/i.exec(headers) ?? [];
    this.#truth.prompt(promptTokens, cached ?? 0);
    this.#truth.began(socket);
    this.#waiting.add({
      socket,
      chat: path.includes('/chat/'),
      receivedMs,
      asked: { session, promptTokens, cachedTokens: cached ?? 0, outputTokens: tokens },
      admittedMs: Number.NaN,
      events: Math.ceil(tokens / this.#settings.tokensPerEvent),
      prefillMs: (this.#settings.prefillMsPerToken ?? 0) * (promptTokens - (cached ?? 0)),
      usage: JSON.stringify({
        prompt_tokens: promptTokens,
        completion_tokens: tokens,
        prompt_tokens_details: cached === undefined ? undefined : { cached_tokens: cached },
      }),
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
      if (nowMs < reply.admittedMs + reply.prefillMs + ttftMs + itlMs * reply.sent) continue;
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
    if (this.#settings.keepsRequests !== true || reply.sent < reply.events) return;
    const { asked, receivedMs, firstMs, lastMs } = reply;
    const epoch = (ms: number): number => performance.timeOrigin + ms;
    this.#requests.push({
      ...asked,
      receivedMs: epoch(receivedMs),
      firstMs: epoch(firstMs),
      lastMs: epoch(lastMs),
    });
  }
}

/**
 * The prompt's tokens: its ids, or for text its words, since the random data set sends words that are one token each.
 */
function countPromptTokens(request: unknown): number {
  const prompt = fieldOf(request, 'prompt');
  if (Array.isArray(prompt)) return prompt.length;
  return wordsOf(request).length;
}

/** The words of a prompt's text; in a message, every word follows a space. */
function wordsOf(request: unknown): readonly string[] {
  const prompt = fieldOf(request, 'prompt');
  return Array.isArray(prompt) ? prompt.map(String) : textOf(request).split(' ').slice(1);
}

/** What is before the first word. */
function headOf(request: unknown): string {
  return Array.isArray(fieldOf(request, 'prompt')) ? '' : (textOf(request).split(' ', 1)[0] ?? '');
}

function textOf(request: unknown): string {
  const prompt = fieldOf(request, 'prompt');
  return typeof prompt === 'string' ? prompt : JSON.stringify(fieldOf(request, 'messages'));
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
    `data: ${JSON.stringify({ id: 'mock', object: objectOf(chat), created: 1700000000, model: 'mock', choices: [choice] })}\n\n`,
  );
}

function objectOf(chat: boolean): string {
  return chat ? 'chat.completion.chunk' : 'text_completion';
}

function ending({ chat, usage }: Reply): string {
  const choice = chat
    ? { index: 0, delta: {}, finish_reason: 'length' }
    : { index: 0, text: '', finish_reason: 'length' };
  const object = objectOf(chat);
  return `${httpChunk(`data: ${JSON.stringify({ id: 'mock', object, choices: [choice] })}\n\n`)}${httpChunk(
    `data: {"id":"mock","object":"${object}","choices":[],"usage":${usage}}\n\n`,
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
