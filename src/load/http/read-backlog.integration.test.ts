import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nowMs } from '../clock.ts';
import { Connection, type ConnectionEnd } from './connection.ts';

/** Much longer than the parsing between two reads of the sockets. */
const parsingTakesMs = 2;
const request = Buffer.from('GET / HTTP/1.1\r\n\r\n');
const responseOf = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

let server: Server;
let exchanges: Exchange[] = [];
/** When parsing of each response started, and a callback for that moment. */
let parsedMs: number[] = [];
let onParsing: (exchange: Exchange) => void = () => {};

/** Both ends of a connection with a request in flight, and what is known about the response. */
class Exchange {
  readonly #opened = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  readonly connection = new Connection({
    onOpen: () => this.#opened.resolve(),
    onRead: () => {},
    onClose: (end) => {
      this.closed = end;
      this.#ended.resolve();
      this.#gone.resolve();
    },
    onHead: () => {
      parsedMs.push(nowMs());
      onParsing(this);
      while (nowMs() < (parsedMs.at(-1) ?? 0) + parsingTakesMs);
    },
    onBody: (buffer, start, end, atMs) => {
      this.stampsMs.push(atMs);
      this.body += buffer.toString('latin1', start, end);
    },
    onEnd: (keepAlive) => {
      this.end = { keepAlive };
      this.couldSendNext = this.connection.isOpen;
      this.#ended.resolve();
    },
  });
  readonly stampsMs: number[] = [];
  body = '';
  end: { keepAlive: boolean } | undefined;
  couldSendNext: boolean | undefined;
  closed: ConnectionEnd | undefined;
  /** The response is complete, or never will be. */
  readonly ended = this.#ended.promise;
  readonly gone = this.#gone.promise;
  #socket: Socket | undefined;

  /** Resolves when the server has received the request. */
  async begin(port: number): Promise<void> {
    const accepted = once(server, 'connection');
    const place = { host: '127.0.0.1', port };
    this.connection.open({ name: 'server', place, tlsName: undefined, insecure: false });
    const [[socket]] = await Promise.all([accepted, this.#opened.promise]);
    this.#socket = socket;
    const received = once(socket, 'data');
    this.connection.write(request);
    await received;
  }

  /** Makes the server send something. */
  send(text: string): void {
    this.#socket?.write(text);
  }

  /** Makes the server close the connection in the given way. */
  leave(how: 'end' | 'resetAndDestroy'): void {
    this.#socket?.[how]();
  }

  close(): void {
    this.connection.abort({ class: 'closed', message: 'the test ended' });
    this.#socket?.destroy();
  }
}

beforeEach(async () => {
  server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  parsedMs = [];
  onParsing = () => {};
});

afterEach(async () => {
  for (const exchange of exchanges) exchange.close();
  server.close();
  await once(server, 'close');
});

async function begin(count: number): Promise<Exchange[]> {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  exchanges = Array.from({ length: count }, () => new Exchange());
  for (const exchange of exchanges) await exchange.begin(port);
  return exchanges;
}

const all = (some: readonly Exchange[]): Promise<unknown> => Promise.all(some.map(({ ended }) => ended));

/** Runs an action while the first response to be read is parsed. */
function whileFirstIsParsed(action: (first: Exchange) => void): void {
  onParsing = (first) => {
    onParsing = () => {};
    action(first);
  };
}

describe('first responses', () => {
  it('are all timestamped before most are parsed, including those that arrive meanwhile', async () => {
    const some = await begin(16);
    const [early, late] = [some.slice(0, 8), some.slice(8)];
    whileFirstIsParsed(() => {
      for (const exchange of late) exchange.send(responseOf('late'));
    });
    for (const exchange of early) exchange.send(responseOf('early'));
    await all(some);
    const stampsMs = some.flatMap((exchange) => exchange.stampsMs);
    expect(stampsMs).toHaveLength(16);
    // Two or three are parsed by then. If each were parsed when it is read, 15 would precede the last timestamp.
    expect(parsedMs.filter((atMs) => atMs < Math.max(...stampsMs)).length).toBeLessThan(6);
    expect(some.map(({ body }) => body)).toEqual([...early.map(() => 'early'), ...late.map(() => 'late')]);
  });

  it('are complete, and their connection is closed, if more bytes follow before they are parsed', async () => {
    const some = await begin(8);
    whileFirstIsParsed(() => {
      for (const exchange of some) exchange.send('more');
    });
    for (const exchange of some) exchange.send(responseOf('whole'));
    await all(some);
    expect(some.filter(({ end }) => end?.keepAlive === false).length).toBeGreaterThan(0);
    await Promise.all(some.map(({ gone }) => gone));
    expect(some.map(({ closed }) => closed?.class)).toEqual(some.map(() => 'unsolicited'));
    expect(some.map(({ body }) => body)).toEqual(some.map(() => 'whole'));
  });

  it.each([
    ['end', 'closed'],
    ['resetAndDestroy', 'reset'],
  ] as const)(
    'are not followed by a request if the connection closed before they are parsed (%s)',
    async (how, gone) => {
      const some = await begin(8);
      whileFirstIsParsed(() => {
        for (const exchange of some) exchange.leave(how);
      });
      for (const exchange of some) exchange.send(responseOf('whole'));
      await Promise.all(some.map((exchange) => exchange.gone));
      expect(some.map(({ body, closed }) => [body, closed?.class])).toEqual(some.map(() => ['whole', gone]));
      // The first one, and those that are parsed before the sockets are read again.
      expect(some.filter(({ couldSendNext }) => couldSendNext).length).toBeLessThan(4);
    },
  );

  it('may be followed by line breaks', async () => {
    const some = await begin(8);
    whileFirstIsParsed(() => {
      for (const exchange of some) exchange.send('\r\n');
    });
    for (const exchange of some) exchange.send(responseOf('whole'));
    await all(some);
    expect(some.map(({ end }) => end)).toEqual(some.map(() => ({ keepAlive: true })));
  });

  it('are parsed immediately on request, and never after their connection was aborted', async () => {
    const some = await begin(3);
    const others = new Set(some);
    whileFirstIsParsed((first) => {
      others.delete(first);
      const [asked, givenUp] = others;
      asked?.connection.parseWaiting();
      expect(asked?.body).toBe('whole');
      givenUp?.connection.abort({ class: 'stalled', message: 'it took too long' });
      givenUp?.connection.parseWaiting();
    });
    for (const exchange of some) exchange.send(responseOf('whole'));
    await all(some);
    expect(some.filter(({ body }) => body === 'whole')).toHaveLength(2);
    expect(some.filter(({ closed }) => closed?.class === 'stalled')).toHaveLength(1);
  });

  it('arrive complete and in order if they exceed the limit for waiting bytes', async () => {
    const some = await begin(3);
    const body = Array.from({ length: 300_000 }, (_, line) => String(line).padStart(7)).join('');
    for (const exchange of some) exchange.send(responseOf(body));
    await all(some);
    for (const exchange of some) expect(exchange.body === body).toBe(true);
  });
});
