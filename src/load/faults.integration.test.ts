import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type SelfSigned, selfSigned, selfSignedMissing } from '../../test/support/self-signed.ts';
import { someLoadTest } from '../../test/support/some-load-test.ts';
import { defined } from '../defined/defined.ts';
import { byteLevelTokenizer } from './datasets/testdata/byte-level-tokenizer.ts';
import { LoadError, type LoadTest, type RawResult, runLoadTest } from './index.ts';
import { type MockRequest, RequestReader } from './mock/request-reader.ts';

/** Answers the n-th request (from 0) to the server. */
type Answer = (socket: Socket, request: number, received: MockRequest) => void;

interface Running extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
}

async function serve(
  answer: Answer,
  options: { host?: string; port?: number; certificate?: SelfSigned } = {},
): Promise<Running> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    const reader = new RequestReader();
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      for (const received of reader.push(bytes)) answer(socket, requests++, received);
    });
  };
  const { certificate } = options;
  const server =
    certificate === undefined
      ? createServer({ noDelay: true }, accept)
      : createTlsServer({ noDelay: true, key: certificate.key, cert: certificate.cert }, accept);
  return await listening(server, sockets, options);
}

function listening(
  server: Server,
  sockets: Set<Socket>,
  options: { host?: string; port?: number },
): Promise<Running> {
  const { host = '127.0.0.1', port = 0 } = options;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve({
        server,
        port: typeof address === 'object' && address !== null ? address.port : 0,
        async [Symbol.asyncDispose]() {
          for (const socket of sockets) socket.destroy();
          if (server.listening) await new Promise((closed) => server.close(closed));
        },
      });
    });
  });
}

const tokens = 4;
const event = (text: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, text, finish_reason: finish }] })}\n\n`;
const usage = (completion = tokens): string =>
  `data: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":${completion}}}\n\n`;
const texts = ['a', 'ü', '"q"', '😀'];
const whole = `${texts.map((text) => event(text)).join('')}${event('', 'length')}${usage()}data: [DONE]\n\n`;

const head = (more: string, type = 'text/event-stream'): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n${more}\r\n`;
const chunk = (body: string | Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`${Buffer.byteLength(body).toString(16)}\r\n`),
    Buffer.from(body),
    Buffer.from('\r\n'),
  ]);
const chunkedHead = head('Transfer-Encoding: chunked\r\n');
const lastChunk = '0\r\n\r\n';
const chunked = (body: string): Buffer =>
  Buffer.concat([Buffer.from(chunkedHead), chunk(body), Buffer.from(lastChunk)]);
const withLength = (body: string): string =>
  `${head(`Content-Length: ${Buffer.byteLength(body)}\r\n`)}${body}`;
const good = (socket: Socket): boolean => socket.write(chunked(whole));
/** Answers every other request correctly and the rest as given. */
const everyOther =
  (bad: Answer): Answer =>
  (socket, request, received) =>
    request % 2 === 0 ? good(socket) : bad(socket, request, received);

function run(port: number, changes: Partial<LoadTest> = {}): Promise<RawResult> {
  const test: LoadTest = {
    ...someLoadTest,
    baseUrl: `http://127.0.0.1:${port}`,
    dataset: { kind: 'random', inputLen: 10, outputLen: tokens, rangeRatio: 1 },
    numPrompts: 12,
    maxConcurrency: 3,
    ...changes,
  };
  return runLoadTest(test, { signal: new AbortController().signal });
}

/** Writes the pieces one after another, each in a separate segment. */
function drip(socket: Socket, pieces: readonly (string | Buffer)[]): void {
  const [first, ...rest] = pieces;
  if (first === undefined || socket.destroyed) return;
  socket.write(first);
  setImmediate(() => drip(socket, rest));
}

/** Blocks this thread, and so both the client and the server of a test, for the given time. */
function holdUpThread(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Waits for several turns of the event loop, so that the client's timers run in between even on a busy machine. */
async function inTurns(turns: number, msEach: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await wait(msEach);
}

describe('complete replies in any framing', () => {
  const bytes = chunked(whole);
  const cases: [string, Answer][] = [
    ['chunked', good],
    ['with a length', (socket) => socket.write(withLength(whole))],
    ['until the server closes', (socket) => socket.end(`${head('')}${whole}`)],
    [
      'closing after each reply',
      (socket) =>
        socket.end(`${head(`Connection: close\r\nContent-Length: ${Buffer.byteLength(whole)}\r\n`)}${whole}`),
    ],
    [
      'one byte at a time',
      (socket) =>
        drip(
          socket,
          Array.from(bytes, (byte) => Buffer.of(byte)),
        ),
    ],
    [
      'cut inside characters and lines',
      (socket) =>
        drip(
          socket,
          Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) =>
            bytes.subarray(7 * index, 7 * index + 7),
          ),
        ),
    ],
    [
      'in chunks that split events',
      (socket) =>
        socket.write(
          Buffer.concat([
            Buffer.from(chunkedHead),
            ...(whole.match(/.{1,9}/gsu) ?? []).map(chunk),
            Buffer.from(lastChunk),
          ]),
        ),
    ],
    ['with Windows line endings', (socket) => socket.write(chunked(whole.replaceAll('\n', '\r\n')))],
    [
      'with comments and other fields',
      (socket) =>
        socket.write(chunked(`: hi\n\nretry: 5\n\n${whole.replaceAll('data:', 'event: message\ndata:')}`)),
    ],
    [
      'after a 100 Continue',
      (socket) => socket.write(Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), bytes])),
    ],
    [
      'gzip',
      (socket) => {
        const packed = gzipSync(whole);
        socket.write(
          Buffer.concat([
            Buffer.from(head(`Content-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n`)),
            packed,
          ]),
        );
      },
    ],
    ['with a usage twice', (socket) => socket.write(chunked(whole.replace(usage(), usage() + usage())))],
  ];
  it.each(cases)('%s', async (_, answer) => {
    await using server = await serve(answer);
    const result = await run(server.port);
    expect(result).toMatchObject({
      completed: 12,
      failed: 0,
      troubles: [],
      total_output_tokens: 12 * tokens,
      chunks: 12 * tokens,
    });
    expect(result.fidelity.prompt_token_mismatches).toBe(0);
  });

  it('without a usage: counts chunks, and the verdict says so', async () => {
    await using server = await serve((socket) => socket.write(chunked(whole.replace(usage(), ''))));
    const { completed, total_output_tokens, fidelity } = await run(server.port);
    expect([completed, total_output_tokens, fidelity.replies_without_usage]).toEqual([12, 12 * tokens, 12]);
    expect(fidelity.reasons).toContainEqual(expect.stringMatching(/12 replies have no usage/));
  });

  it('with an impossible usage: the verdict says so', async () => {
    const long = `${event('a').repeat(20)}${event('', 'length')}${usage(tokens)}data: [DONE]\n\n`;
    await using server = await serve((socket) => socket.write(chunked(long)));
    const { fidelity } = await run(server.port);
    expect(fidelity.usage_conflicts).toBe(12);
    expect(fidelity.reasons).toContainEqual(
      expect.stringMatching(/token counts of 12 replies are inconsistent/),
    );
  });

  it('with a usage in every chunk: divides each gap by the tokens of its chunk', async () => {
    // Token 1, then 3 more after 30 ms: three gaps of 10 ms, where an even spread would give two of 15 ms.
    const counted = (text: string, count: number): string =>
      `data: {"choices":[{"index":0,"text":"${text}","finish_reason":null}],"usage":{"completion_tokens":${count}}}\n\n`;
    const end = `${event('', 'length')}${usage(4)}data: [DONE]\n\n`;
    await using server = await serve((socket) => {
      socket.write(Buffer.concat([Buffer.from(chunkedHead), chunk(counted('a', 1))]));
      setTimeout(
        () => socket.write(Buffer.concat([chunk(counted('bcd', 4)), chunk(end), Buffer.from(lastChunk)])),
        30,
      );
    });
    const { itls = [] } = await run(server.port, { detailed: true, perChunkUsage: true });
    expect(itls).toHaveLength(12);
    for (const gaps of itls) {
      expect(gaps).toHaveLength(3);
      expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThan(1e-9);
    }
  });

  it('does not take a role-only chunk for the first token', async () => {
    await using server = await serve((socket) => {
      socket.write(chunkedHead);
      socket.write(chunk(event('')));
      setTimeout(() => socket.write(Buffer.concat([chunk(whole), Buffer.from(lastChunk)])), 80);
    });
    const result = await run(server.port);
    expect(result.median_ttft_ms).toBeGreaterThan(70);
    expect(result.chunks).toBe(12 * tokens);
  });

  it('reads a line of 16 MB in bounded memory', async () => {
    const huge = event('x'.repeat(16 * 1024 * 1024));
    await using server = await serve((socket) => socket.write(chunked(huge + whole)));
    const result = await run(server.port, { numPrompts: 3, ignoreEos: false });
    expect(result).toMatchObject({ completed: 3, chunks: 3 * (tokens + 1) });
  });
});

describe('failed replies by class', () => {
  const cases: [troubleClass: string, bad: Answer][] = [
    ['cut-off', (socket) => socket.end(Buffer.concat([Buffer.from(chunkedHead), chunk(event('a'))]))],
    [
      'reset',
      (socket) =>
        socket.write(Buffer.concat([Buffer.from(chunkedHead), chunk(event('a'))]), () =>
          setImmediate(() => socket.resetAndDestroy()),
        ),
    ],
    ['stalled', (socket) => socket.write(Buffer.concat([Buffer.from(chunkedHead), chunk(event('a'))]))],
    ['http-503', (socket) => socket.write('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy')],
    ['http-500', (socket) => socket.end('HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\noops')],
    [
      'wrong-content-type',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi'),
    ],
    ['malformed-http', (socket) => socket.write('220 mail.example ESMTP\r\n\r\n')],
    ['malformed-event', (socket) => socket.write(chunked('data: {"cut\n\ndata: {"off\n\ndata: [DONE]\n\n'))],
    [
      'malformed-gzip',
      (socket) => socket.write(head('Content-Encoding: gzip\r\nContent-Length: 5\r\n').concat('plain')),
    ],
    [
      'server-error',
      (socket) => socket.write(chunked('data: {"error":{"message":"out of memory"}}\n\ndata: [DONE]\n\n')),
    ],
    [
      'runaway-reply',
      (socket) => {
        socket.write(chunkedHead);
        for (let sent = 0; sent < 20_000; sent++) socket.write(chunk(event('and')));
      },
    ],
    [
      'request-timeout',
      (socket) => {
        socket.write(chunkedHead);
        const pinging = setInterval(() => socket.write(chunk(': still here\n\n')), 20);
        socket.once('close', () => clearInterval(pinging));
      },
    ],
    ['empty-reply', (socket) => socket.write(chunked(`${event('', 'stop')}${usage(0)}data: [DONE]\n\n`))],
  ];
  it.each(cases)('%s', async (troubleClass, bad) => {
    await using server = await serve(everyOther(bad));
    const deadline = {
      ...defined({
        stallTimeoutS: troubleClass === 'stalled' ? 0.5 : undefined,
        requestTimeoutS: troubleClass === 'request-timeout' ? 0.5 : undefined,
      }),
    };
    const result = await run(server.port, deadline);
    const [trouble, ...others] = result.troubles;
    expect(others).toEqual([]);
    expect(trouble).toMatchObject({ class: troubleClass, failed: true, example: expect.stringMatching(/./) });
    expect(trouble?.count).toBe(result.failed);
    expect(result.failed).toBeGreaterThan(0);
    expect(result.completed + result.failed).toBe(12);
    expect(result.fidelity.verdict).toBe('invalid');
  });

  it('short-reply: completes, and the verdict says so', async () => {
    await using server = await serve((socket) =>
      socket.write(chunked(`${event('a')}${event('', 'stop')}${usage(1)}data: [DONE]\n\n`)),
    );
    const result = await run(server.port);
    expect(result).toMatchObject({ completed: 12, failed: 0 });
    expect(result.troubles).toMatchObject([{ class: 'short-reply', count: 12, failed: false }]);
    expect(result.fidelity.reasons).toContainEqual(
      expect.stringMatching(/12 replies have a different length/),
    );
  });

  it('waits for the Retry-After of a 429 before the next request', async () => {
    const atMs: number[] = [];
    await using server = await serve((socket, request) => {
      atMs.push(performance.now());
      if (request === 0)
        socket.write('HTTP/1.1 429 Slow Down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n');
      else good(socket);
    });
    const result = await run(server.port, { numPrompts: 2, maxConcurrency: 1 });
    expect(result.troubles).toMatchObject([{ class: 'http-429', count: 1 }]);
    expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeGreaterThan(990);
  });
});

describe('servers that restart or close connections', () => {
  it('continues after the engine restarts', async () => {
    const first = await serve((socket, request) => {
      if (request < 4) good(socket);
      else void first[Symbol.asyncDispose]().then(restart);
    });
    let second: Running | undefined;
    const restart = async (): Promise<void> => {
      second ??= await serve(good, { port: first.port });
    };
    const result = await run(first.port, { numPrompts: 20 });
    await second?.[Symbol.asyncDispose]();
    expect(result.completed + result.failed).toBe(20);
    expect(result.completed).toBeGreaterThanOrEqual(16);
    expect(result.fidelity.reconnects).toBeGreaterThan(0);
  });

  it('resends a request that hit a connection the server was closing as idle', async () => {
    await using server = await serve((socket, request) => {
      // Closes the connection without a reply when its second request arrives, like a server's idle timeout.
      if (request === 1) socket.destroy();
      else good(socket);
    });
    const result = await run(server.port, { numPrompts: 4, maxConcurrency: 1 });
    expect(result).toMatchObject({ completed: 4, failed: 0 });
    expect(result.fidelity.reconnects).toBe(1);
  });

  it('resends it even if this thread was blocked before it could see the close', async () => {
    await using server = await serve((socket, request) => {
      if (request === 1) {
        holdUpThread(300);
        socket.destroy();
      } else good(socket);
    });
    const result = await run(server.port, { numPrompts: 4, maxConcurrency: 1 });
    expect(result).toMatchObject({ completed: 4, failed: 0, troubles: [], fidelity: { reconnects: 1 } });
  });

  it('does not resend a request that the server had worked on before closing', async () => {
    await using server = await serve((socket, request) => {
      if (request === 1) void inTurns(10, 100).then(() => socket.destroy());
      else good(socket);
    });
    const result = await run(server.port, { numPrompts: 4, maxConcurrency: 1 });
    expect(result).toMatchObject({ completed: 3, failed: 1, fidelity: { reconnects: 1 } });
    expect(result.troubles).toMatchObject([{ class: 'cut-off', count: 1, failed: true }]);
  });

  it('waits for an engine that is slow to accept, and counts the wait as latency', async () => {
    // The kernel completes connections to a stopped process; data sent on them waits until the process continues.
    const answerer = `
      const body = ${JSON.stringify(whole)};
      const server = require('node:http').createServer((request, response) => {
        request.resume().on('end', () => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body));
      });
      server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
    const engine = spawn(process.execPath, ['-e', answerer], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [port] = await once(engine.stdout.setEncoding('utf8'), 'data');
      engine.kill('SIGSTOP');
      setTimeout(() => engine.kill('SIGCONT'), 400);
      const result = await run(Number(port));
      expect(result).toMatchObject({ completed: 12, failed: 0, troubles: [] });
      expect(result['p99.9_ttft_ms']).toBeGreaterThan(200);
    } finally {
      engine.kill('SIGKILL');
    }
  });

  it('reports that no server listens', async () => {
    const gone = await serve(good);
    await gone[Symbol.asyncDispose]();
    await expect(run(gone.port)).rejects.toMatchObject({ name: 'LoadError', errorClass: 'cannot-connect' });
  });

  it('reports why every request failed', async () => {
    await using server = await serve((socket) =>
      socket.write('HTTP/1.1 404 No\r\nContent-Length: 8\r\n\r\nno model'),
    );
    const failure = run(server.port);
    await expect(failure).rejects.toBeInstanceOf(LoadError);
    await expect(failure).rejects.toThrow(/all 12 requests failed.*http-404: no model/);
  });

  it('rejects all invalid settings at once', async () => {
    const failure = run(1, { numPrompts: 0, baseUrl: 'ftp://x', stallTimeoutS: -1 });
    await expect(failure).rejects.toThrow(/numPrompts.*stallTimeoutS.*baseUrl/);
  });
});

describe('headers', () => {
  it('are sent, and rejected without being shown if they would break the request', async () => {
    let seen = '';
    await using server = await serve(good);
    server.server.on('connection', (socket) => socket.on('data', (bytes) => (seen += String(bytes))));
    await run(server.port, { headers: { Authorization: 'Bearer s3cret' } });
    expect(seen).toContain('\r\nAuthorization: Bearer s3cret\r\n');
    const broken = run(server.port, { headers: { Authorization: 's3cret\r\nX: y' } });
    await expect(broken).rejects.toThrow(
      /^the header "Authorization" has characters that HTTP does not allow$/,
    );
  });
});

describe('addresses', () => {
  it('IPv6', async (context) => {
    const server = await serve(good, { host: '::1' }).catch(() => undefined);
    if (server === undefined) return context.skip('this machine has no IPv6 loopback');
    await using running = server;
    expect(await run(0, { baseUrl: `http://[::1]:${running.port}` })).toMatchObject({
      completed: 12,
      failed: 0,
    });
  });

  it('tries all addresses of a name, of which one listens', async () => {
    await using server = await serve(good);
    expect(await run(0, { baseUrl: `http://localhost:${server.port}` })).toMatchObject({ completed: 12 });
  });

  it('TLS: checks the certificate unless disabled', async (context) => {
    const missing = await selfSignedMissing();
    if (missing !== undefined) return context.skip(missing);
    const certificate = await selfSigned();
    try {
      await using server = await serve(good, { certificate });
      const baseUrl = `https://localhost:${server.port}`;
      for (const threads of [1, 2]) {
        await expect(run(0, { baseUrl, threads })).rejects.toMatchObject({
          errorClass: 'cannot-connect',
          message: `the certificate of ${baseUrl} is not trusted: self-signed certificate`,
        });
        const unchecked = await run(0, { baseUrl, threads, insecure: true });
        expect(unchecked).toMatchObject({ completed: 12, failed: 0, insecure: true });
      }
      setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
      const checked = await run(0, { baseUrl });
      expect(checked).toMatchObject({ completed: 12, failed: 0 });
      expect(checked).not.toHaveProperty('insecure');
      await expect(run(0, { baseUrl: `https://127.0.0.1:${server.port}` })).rejects.toThrow(
        /is not trusted: .*127\.0\.0\.1 is not in the cert's list/,
      );
    } finally {
      await rm(certificate.folder, { recursive: true, force: true });
    }
  });

  it('TLS without a certificate check: reports a reset connection as usual', async (context) => {
    const missing = await selfSignedMissing();
    if (missing !== undefined) return context.skip(missing);
    const certificate = await selfSigned();
    try {
      const raw = new Set<Socket>();
      await using server = await serve(
        (socket, request) => {
          if (request === 3) for (const connection of raw) connection.resetAndDestroy();
          else good(socket);
        },
        { certificate },
      );
      server.server.on('connection', (connection: Socket) => raw.add(connection));
      const result = await run(0, {
        baseUrl: `https://localhost:${server.port}`,
        insecure: true,
        maxConcurrency: 1,
      });
      expect(result).toMatchObject({ completed: 12, failed: 0, fidelity: { reconnects: 1 } });
    } finally {
      await rm(certificate.folder, { recursive: true, force: true });
    }
  });
});

describe('open loops', () => {
  it('counts latency from the scheduled send, and reports the latency from the actual send separately', async () => {
    // With one stream, a reply takes 50 ms and a request is due every 10 ms, so the client's queue grows by 40 ms per
    // request.
    await using server = await serve((socket) => setTimeout(() => socket.write(chunked(whole)), 50));
    const result = await run(server.port, {
      requestRate: 100,
      burstiness: Number.POSITIVE_INFINITY,
      maxConcurrency: 1,
    });
    expect(result.from_send?.ttft.median_ms).toBeGreaterThan(45);
    expect(result.median_ttft_ms).toBeGreaterThan(2 * (result.from_send?.ttft.median_ms ?? Number.NaN));
    expect(result.fidelity.late_sends).toBeGreaterThan(8);
    expect(result.fidelity.verdict).toBe('invalid');
    expect(result.fidelity.reasons[0]).toMatch(/of 100\.0 requested sends per second were achieved/);
  });

  it('opens as many connections as needed if concurrency is not limited', async () => {
    await using server = await serve((socket) => setTimeout(() => socket.write(chunked(whole)), 100));
    const result = await run(server.port, {
      requestRate: 1000,
      numPrompts: 100,
      maxConcurrency: Number.POSITIVE_INFINITY,
    });
    expect(result.completed).toBe(100);
    expect(result.fidelity.peak_concurrency).toBeGreaterThan(64);
    expect(result.max_concurrency).toBeNull();
  });
});

describe('tokens that the server does not count', () => {
  /** Words of a tokenizer's file, as text and as a reply with three chunks for every four words. */
  const words = ['the', 'model', 'time'];
  const reply = [' the model', ' time', ' the'].map((text) => event(text)).join('');
  const uncounted = `${reply}${event('', 'length')}data: [DONE]\n\n`;

  async function withTokenizer<T>(use: (file: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'load-tokenizer-'));
    try {
      const file = join(folder, 'tokenizer.json');
      await writeFile(file, JSON.stringify(byteLevelTokenizer(words, { beginOfText: false })));
      return await use(file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  it.each([1, 2])(
    'are counted by the tokenizer with %i threads, and gaps are spread over them',
    async (threads) => {
      await using server = await serve((socket) => socket.write(chunked(uncounted)));
      const result = await withTokenizer((tokenizerFile) =>
        run(server.port, { tokenizerFile, threads, detailed: true }),
      );
      expect(result).toMatchObject({ completed: 12, chunks: 36, total_output_tokens: 48, troubles: [] });
      expect(result.itls?.every((gaps) => gaps.length === 3)).toBe(true);
      expect(result.fidelity).toMatchObject({ replies_without_usage: 0, replies_counted_by_tokenizer: 12 });
    },
  );

  it('are compared with the counts that it does report', async () => {
    const counted = uncounted.replace('data: [DONE]', `${usage(8)}data: [DONE]`);
    await using server = await serve((socket) => socket.write(chunked(counted)));
    const { fidelity } = await withTokenizer((tokenizerFile) => run(server.port, { tokenizerFile }));
    expect(fidelity.tokenizer_check).toEqual({ replies: 12, usage_tokens: 96, tokenizer_tokens: 48 });
    expect(fidelity.reasons).toContainEqual('the server counted 96 tokens, but the tokenizer counts 48');
  });

  it('are counted in prompts by its /tokenize, which includes the chat template', async () => {
    // The template has five tokens; "that" is two tokens on this server, and replies carry no usage.
    const tokensOf = (text: string): number =>
      5 +
      text
        .split(' ')
        .slice(1)
        .reduce((sum, word) => sum + (word === 'that' ? 2 : 1), 0);
    const lengths: number[] = [];
    await using server = await serve((socket, _, { path, body }) => {
      const { messages } = z
        .object({ messages: z.array(z.object({ content: z.string() })) })
        .parse(JSON.parse(String(body)));
      const count = tokensOf(messages[0]?.content ?? '');
      if (path === '/tokenize') {
        const json = JSON.stringify({ count, max_model_len: 4096 });
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
        );
        return;
      }
      lengths.push(count);
      const chat = texts
        .map((content) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`)
        .join('');
      socket.write(chunked(`${chat}data: [DONE]\n\n`));
    });
    const dataset = { kind: 'random', inputLen: 50, outputLen: tokens, rangeRatio: 1 } as const;
    const result = await run(server.port, { backend: 'openai-chat', dataset });
    expect(lengths.slice(-12)).toEqual(new Array(12).fill(50));
    expect(result.total_input_tokens).toBe(12 * 50);
  });
});

describe('conversations', () => {
  it('sends each turn after the previous reply and a pause', async () => {
    const atMs: number[] = [];
    await using server = await serve((socket) => {
      atMs.push(performance.now());
      good(socket);
    });
    const turns = [0, 0.1, 0.1].map((pauseS) => ({ inputTokens: 10, outputTokens: tokens, pauseS }));
    const result = await run(server.port, {
      dataset: { kind: 'conversations', conversations: [turns, turns] },
      numPrompts: 100,
      maxConcurrency: 1,
    });
    expect(result).toMatchObject({ completed: 6, num_prompts: 6 });
    const gaps = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0));
    // The third gap is between two conversations.
    expect(gaps.toSpliced(2, 1).map((gap) => gap > 95)).toEqual([true, true, true, true]);
  });
});
