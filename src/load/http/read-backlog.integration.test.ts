import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nowMs } from '../clock.ts';
import { Connection, type ConnectionEnd } from './connection.ts';

/** Long beside what is parsed between two looks at the sockets. */
const parsingTakesMs = 2;
const request = Buffer.from('GET / HTTP/1.1\r\n\r\n');
const responseOf = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

let server: Server;
let exchanges: Exchange[] = [];
/** When each response began to be parsed, and what is done then. */
let parsedMs: number[] = [];
let onParsing: (exchange: Exchange) => void = () => {};

/** A connection with a request in flight, both of its ends, and what is known of the response. */
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
  /** The response is whole, or will never be. */
  readonly ended = this.#ended.promise;
  readonly gone = this.#gone.promise;
  #socket: Socket | undefined;

  /** Resolves when the server has the request. */
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

  /** Has the server send something. */
  send(text: string): void {
    this.#socket?.write(text);
  }

  /** Has the server close the connection in one way or another. */
  leave(how: 'end' | 'resetAndDestroy'): void {
    this.#socket?.[how]();
  }

  close(): void {
    this.connection.abort({ class: 'closed', message: 'the test is over' });
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

/** Whichever connection is read first, does something while its response is parsed. */
function whileFirstIsParsed(action: (first: Exchange) => void): void {
  onParsing = (first) => {
    onParsing = () => {};
    action(first);
  };
}

describe('first responses', () => {
  it('are all stamped before most of them are parsed, also those that come meanwhile', async () => {
    const some = await begin(16);
    const [early, late] = [some.slice(0, 8), some.slice(8)];
    whileFirstIsParsed(() => {
      for (const exchange of late) exchange.send(responseOf('late'));
    });
    for (const exchange of early) exchange.send(responseOf('early'));
    await all(some);
    const stampsMs = some.flatMap((exchange) => exchange.stampsMs);
    expect(stampsMs).toHaveLength(16);
    // Two or three are parsed by then; if each was parsed as it is read, the last stamp would be behind 15 of them.
    expect(parsedMs.filter((atMs) => atMs < Math.max(...stampsMs)).length).toBeLessThan(6);
    expect(some.map(({ body }) => body)).toEqual([...early.map(() => 'early'), ...late.map(() => 'late')]);
  });

  it('are whole, and their connection given up, if more is read behind their end before it is parsed', async () => {
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
    'let no request follow if the connection is gone before they are parsed (%s)',
    async (how, gone) => {
      const some = await begin(8);
      whileFirstIsParsed(() => {
        for (const exchange of some) exchange.leave(how);
      });
      for (const exchange of some) exchange.send(responseOf('whole'));
      await Promise.all(some.map((exchange) => exchange.gone));
      expect(some.map(({ body, closed }) => [body, closed?.class])).toEqual(some.map(() => ['whole', gone]));
      // The first, and those that are parsed before the sockets are looked at again.
      expect(some.filter(({ couldSendNext }) => couldSendNext).length).toBeLessThan(4);
    },
  );

  it('may have line ends behind them', async () => {
    const some = await begin(8);
    whileFirstIsParsed(() => {
      for (const exchange of some) exchange.send('\r\n');
    });
    for (const exchange of some) exchange.send(responseOf('whole'));
    await all(some);
    expect(some.map(({ end }) => end)).toEqual(some.map(() => ({ keepAlive: true })));
  });

  it('are parsed at once where that is asked for, and never once their connection is given up', async () => {
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

  it('come whole and in their order if they are larger than all that may wait', async () => {
    const some = await begin(3);
    const body = Array.from({ length: 300_000 }, (_, line) => String(line).padStart(7)).join('');
    for (const exchange of some) exchange.send(responseOf(body));
    await all(some);
    for (const exchange of some) expect(exchange.body === body).toBe(true);
  });
});
