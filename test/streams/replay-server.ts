import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { nowMs } from '../../src/load/clock.ts';
import { type MockRequest, RequestReader } from '../../src/load/mock/request-reader.ts';
import { ClientSockets } from './client-sockets.ts';
import type { BodyEnding } from './exchange.ts';
import type { Write } from './wire.ts';

/** A server's response to a request. */
export interface Script {
  readonly writes: readonly Write[];
  readonly ending: BodyEnding;
  /** Whether the connection closes after a complete response. */
  readonly closes: boolean;
}

/** What happened to one request; times on the load generator's clock, milliseconds. */
export interface Played {
  readonly request: MockRequest;
  /** The latest time at which the client started to send it. */
  readonly sentMs: number;
  /** When the first byte of each piece was written, by piece number. */
  readonly writtenMs: Map<number, number>;
  /** When the client had read the last byte of each piece, at the latest. */
  readonly readMs: Map<number, number>;
}

/**
 * Answers requests with scripted responses. Each write waits until the client has read the previous one, so that the
 * order alone tells what arrived with which piece. The client must be in the same process.
 */
export class ReplayServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new ClientSockets();
  readonly #scripts = new Map<string, (request: MockRequest) => Script>();
  readonly #played = new Map<string, Played[]>();

  private constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  static async start(): Promise<ReplayServer> {
    const replay = new ReplayServer();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    replay.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    await promise;
    return replay;
  }

  /** Answers requests below `/<name>`; returns the base URL and the list of played responses, which fills later. */
  serve(
    name: string,
    script: (request: MockRequest) => Script,
  ): { readonly baseUrl: string; readonly played: readonly Played[] } {
    if (this.#scripts.has(name)) throw new Error(`there are two scripts named ${name}`);
    const played: Played[] = [];
    this.#scripts.set(name, script);
    this.#played.set(name, played);
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { baseUrl: `http://127.0.0.1:${port}/${name}`, played };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#clients.close();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((closed) => this.#server.close(closed));
  }

  #accept(socket: Socket): void {
    const reader = new RequestReader();
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes) => {
      for (const request of reader.push(bytes)) void this.#answer(socket, request);
    });
  }

  async #answer(socket: Socket, request: MockRequest): Promise<void> {
    const [, name = ''] = request.path.split('/');
    const script = this.#scripts.get(name)?.(request);
    if (script === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const writtenMs = new Map<number, number>();
    const readMs = new Map<number, number>();
    const played = this.#played.get(name);
    // Connections are opened in advance; one opened later is opened for the request that it carries first.
    const client = this.#clients.timesOf(socket);
    // A client that has closed the connection meanwhile does not wait for a reply.
    if (client === undefined) return;
    const { openedMs, sentMs, requests } = client;
    const isReopened = requests === 1 && played !== undefined && played.length > 0;
    played?.push({ request, sentMs: isReopened ? openedMs : sentMs, writtenMs, readMs });
    for (const { bytes, piece, afterMs } of script.writes) {
      if (afterMs > 0) await delay(afterMs);
      if (socket.destroyed) return;
      if (!writtenMs.has(piece)) writtenMs.set(piece, nowMs());
      socket.write(bytes);
      await this.#clients.untilRead(socket);
      readMs.set(piece, nowMs());
    }
    await this.#end(socket, script);
  }

  async #end(socket: Socket, { ending, closes }: Script): Promise<void> {
    if (ending.kind === 'reset') socket.resetAndDestroy();
    else if (ending.kind === 'close' || closes) socket.end();
    else if (ending.kind === 'unasked') socket.write(ending.bytes);
    if (ending.kind !== 'repeat') return;
    while (!socket.destroyed) {
      socket.write(ending.bytes);
      await delay(ending.everyMs);
    }
  }
}
