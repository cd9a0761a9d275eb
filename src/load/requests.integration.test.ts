import dnsPromises from 'node:dns/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { goodReply, goodStream, type RawEngine, rawEngine, response } from '../../test/support/raw-engine.ts';
import { someLoadTest } from '../../test/support/some-load-test.ts';
import { type LoadTest, type RawResult, runLoadTest } from './index.ts';

function run(baseUrl: string, changes: Partial<LoadTest> = {}): Promise<RawResult> {
  const test: LoadTest = {
    ...someLoadTest,
    baseUrl,
    numPrompts: 8,
    maxConcurrency: 2,
    ignoreEos: false,
    ...changes,
  };
  return runLoadTest(test, { signal: new AbortController().signal });
}
const runAt = ({ port }: RawEngine, changes: Partial<LoadTest> = {}, rest = ''): Promise<RawResult> =>
  run(`http://127.0.0.1:${port}${rest}`, changes);

describe('requests as the server receives them', () => {
  it("have each header once, and the user's override ours", async () => {
    await using engine = await rawEngine();
    const headers = {
      host: 'api.example.org',
      'content-TYPE': 'application/json; v=2',
      AUTHORIZATION: 'Bearer k2',
    };
    await run(`http://user:pass@127.0.0.1:${engine.port}`, { headers });
    expect(engine.requests).toHaveLength(8);
    for (const request of engine.requests) {
      for (const [name, values] of request.headers) expect(values, name).toHaveLength(1);
      expect(request.headers.get('host')).toEqual(['api.example.org']);
      expect(request.headers.get('content-type')).toEqual(['application/json; v=2']);
      expect(request.headers.get('authorization')).toEqual(['Bearer k2']);
    }
  });

  it('carry the credentials, path and query of the base URL, and those of the endpoint', async () => {
    await using engine = await rawEngine();
    await run(`http://user:p%40ss@127.0.0.1:${engine.port}/prefix/?key=abc`, {
      endpoint: '/v1/chat/completions?api-version=2024-10-21',
    });
    const [{ target, headers, body } = { target: '', headers: new Map(), body: '{}' }] = engine.requests;
    expect(target).toBe('/prefix/v1/chat/completions?key=abc&api-version=2024-10-21');
    expect(headers.get('authorization')).toEqual([`Basic ${btoa('user:p@ss')}`]);
    expect(JSON.parse(body)).toHaveProperty('messages');
  });

  it('go to a Unix socket, with its path prefix', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'load-socket-'));
    try {
      const path = join(folder, 'engine 1.sock');
      await using engine = await rawEngine(undefined, { path });
      for (const baseUrl of [
        `unix://${path}:/prefix?key=abc`,
        `unix://${encodeURI(path)}:/prefix/?key=abc`,
        `http+unix://${encodeURIComponent(path)}/prefix?key=abc`,
      ]) {
        engine.requests.length = 0;
        const result = await run(baseUrl, { threads: 2 });
        expect(result).toMatchObject({ completed: 8, failed: 0 });
        expect(engine.requests[0]?.target).toBe('/prefix/v1/completions?key=abc');
        expect(engine.requests[0]?.headers.get('host')).toEqual(['localhost']);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('report a missing socket', async () => {
    await expect(run('unix:///nowhere/engine.sock')).rejects.toMatchObject({
      errorClass: 'cannot-connect',
      message: expect.stringMatching(/^cannot connect to unix:\/\/\/nowhere\/engine\.sock: .*ENOENT/),
    });
  });

  it('have unique ids and the assigned models in all phases and threads', async () => {
    await using engine = await rawEngine();
    await runAt(engine, {
      requestIdPrefix: 'run-',
      models: { models: ['a', 'b'], assignment: 'round-robin' },
      warmupRequests: 2,
      threads: 2,
    });
    const ids = engine.requests.flatMap(({ headers }) => headers.get('x-request-id') ?? []);
    const numbers = Array.from({ length: 8 }, (_, index) => `run-${index}`);
    expect(ids.toSorted()).toEqual([...numbers, 'run-warmup-0', 'run-warmup-1'].toSorted());
    for (const { headers, body } of engine.requests) {
      const number = Number(headers.get('x-request-id')?.[0]?.split('-').at(-1));
      expect(JSON.parse(body).model).toBe(number % 2 === 0 ? 'a' : 'b');
    }
  });

  it('omit the fields that the user omits, and rename the token limit', async () => {
    await using engine = await rawEngine();
    await runAt(engine, {
      omitFields: ['stream_options', 'temperature'],
      tokenLimitField: 'max_completion_tokens',
      extraBody: { user: null },
    });
    for (const { body } of engine.requests) {
      expect(Object.keys(JSON.parse(body)).toSorted()).toEqual([
        'max_completion_tokens',
        'model',
        'prompt',
        'stream',
        'user',
      ]);
      expect(JSON.parse(body).user).toBeNull();
    }
  });
});

describe('replies with a content encoding', () => {
  const packed = (encoding: string, body: Uint8Array): Buffer =>
    response('200 OK', ['Content-Type: text/event-stream', `Content-Encoding: ${encoding}`], body);

  it.each([
    ['gzip', gzipSync(goodStream)],
    ['gzip, identity', gzipSync(goodStream)],
    ['X-GZIP', gzipSync(goodStream)],
    ['deflate', deflateSync(goodStream)],
    ['deflate', deflateRawSync(goodStream)],
    ['identity', Buffer.from(goodStream)],
  ])('%s is decoded', async (encoding, body) => {
    await using engine = await rawEngine(({ socket }) => socket.write(packed(encoding, body)));
    expect(await runAt(engine)).toMatchObject({ completed: 8, failed: 0, chunks: 32 });
  });

  it.each([
    ['br', brotliCompressSync(goodStream)],
    ['zstd', Buffer.from(goodStream)],
    ['gzip, br', Buffer.from(goodStream)],
  ])('%s is rejected by name and never read as text', async (encoding, body) => {
    await using engine = await rawEngine(({ socket }, index) =>
      socket.write(index === 0 ? goodReply : packed(encoding, body)),
    );
    const result = await runAt(engine);
    expect(result.completed).toBe(1);
    expect(result.troubles).toEqual([
      {
        class: 'content-encoding',
        count: 7,
        failed: true,
        example: `the server answered with content-encoding ${encoding} although identity was requested; supported are gzip and deflate`,
      },
    ]);
  });

  it('an error reply shows no undecodable bytes', async () => {
    const page = brotliCompressSync('overloaded '.repeat(20));
    await using engine = await rawEngine(({ socket }) =>
      socket.write(response('503 Busy', ['Content-Encoding: br'], page)),
    );
    await expect(runAt(engine)).rejects.toThrow(
      /http-503: status 503, the server answered with content-encoding br although identity was requested; [ -~]*$/,
    );
  });
});

describe('servers and proxies in practice', () => {
  it('HTTP/1.0, which ends a reply by closing its connection', async () => {
    await using engine = await rawEngine(({ socket }) => {
      socket.end(`HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n${goodStream}`);
    });
    expect(await runAt(engine)).toMatchObject({ completed: 8, failed: 0, chunks: 32 });
  });

  it('a server that closes a connection after a whole reply without notice', async () => {
    await using engine = await rawEngine(({ socket }) => {
      socket.end(goodReply);
    });
    expect(await runAt(engine)).toMatchObject({ completed: 8, failed: 0, chunks: 32 });
  });

  it('a server that rejects a request before reading it', async () => {
    await using engine = await rawEngine(({ socket }) => {
      socket.end(response('413 Content Too Large', ['Connection: close'], 'at most 10 bytes'));
    });
    await expect(runAt(engine)).rejects.toThrow(/http-413: at most 10 bytes$/);
  });

  it('a server that compresses its error pages', async () => {
    const page = gzipSync('{"error":{"message":"no healthy upstream"}}');
    await using engine = await rawEngine(({ socket }) =>
      socket.write(response('503 Busy', ['Content-Encoding: gzip'], page)),
    );
    await expect(runAt(engine)).rejects.toThrow(/http-503: .*no healthy upstream/);
  });

  it('proxies in the environment are ignored for a given server', async () => {
    const kept = { ...process.env };
    Object.assign(process.env, { HTTP_PROXY: 'http://127.0.0.1:1', http_proxy: 'http://127.0.0.1:1' });
    try {
      await using engine = await rawEngine();
      expect(await runAt(engine)).toMatchObject({ completed: 8 });
    } finally {
      for (const name of ['HTTP_PROXY', 'http_proxy']) {
        if (kept[name] === undefined) delete process.env[name];
        else process.env[name] = kept[name];
      }
    }
  });
});

describe('redirects and Retry-After', () => {
  it.each(['301 Moved', '302 Found', '303 See Other', '307 Temporary Redirect', '308 Permanent Redirect'])(
    '%s is not followed, and the hint says what to pass',
    async (status) => {
      await using other = await rawEngine();
      await using engine = await rawEngine(({ socket }) =>
        socket.write(
          response(status, [`Location: http://localhost:${other.port}/b/v1/completions?sig=s3cret`], 'gone'),
        ),
      );
      const failure = runAt(engine, { headers: { Authorization: 'Bearer k' } });
      await expect(failure).rejects.toMatchObject({
        message: expect.stringMatching(
          new RegExp(
            `status ${status.slice(0, 3)} with location http://localhost:${other.port}/b/v1/completions$`,
          ),
        ),
        hint: `the server redirects to another server: pass --base-url http://localhost:${other.port}/b`,
      });
      expect(other.requests).toEqual([]);
    },
  );

  it('a dated Retry-After is waited for, and ignored if the date has passed', async () => {
    const atMs: number[] = [];
    const date = (fromNowMs: number): string => new Date(Date.now() + fromNowMs).toUTCString();
    await using engine = await rawEngine(({ socket }, index) => {
      atMs.push(performance.now());
      const later = [`Date: ${date(0)}`, `Retry-After: ${date(2000)}`];
      const earlier = [`Date: ${date(0)}`, `Retry-After: ${date(-60_000)}`];
      if (index < 2) socket.write(response('429 Slow Down', index === 0 ? later : earlier));
      else socket.write(goodReply);
    });
    const result = await runAt(engine, { numPrompts: 4, maxConcurrency: 1 });
    expect(result).toMatchObject({ completed: 2, failed: 2 });
    const gaps = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0));
    // HTTP dates have whole seconds.
    expect(gaps[0]).toBeGreaterThan(950);
    // A date a minute in the past causes no wait.
    expect(gaps[1]).toBeLessThan(50_000);
  });

  it('secrets that a server repeats do not get into a result', async () => {
    await using engine = await rawEngine(({ socket, target, headers }, index) =>
      socket.write(
        index === 0
          ? goodReply
          : response('400 Bad', [], `no ${target} for ${headers.get('authorization')?.[0]}`),
      ),
    );
    const result = await run(`http://user:correct-horse@127.0.0.1:${engine.port}?key=abc`, {
      detailed: true,
    });
    const text = JSON.stringify(result);
    expect(text).toContain('key=***');
    expect(text).not.toMatch(/abc|correct-horse/);
    expect(text).not.toContain(btoa('user:correct-horse'));
  });
});

describe('a name with several addresses', () => {
  const realLookup = dnsPromises.lookup;
  const resolveTo = (...addresses: readonly string[]): void => {
    Object.assign(dnsPromises, {
      lookup: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    });
    syncBuiltinESMExports();
  };
  afterEach(() => {
    Object.assign(dnsPromises, { lookup: realLookup });
    syncBuiltinESMExports();
  });

  async function replicas(): Promise<[RawEngine, RawEngine]> {
    const first = await rawEngine();
    return [first, await rawEngine(undefined, { host: '127.0.0.2', port: first.port })];
  }

  it.each([1, 2, 3])('spreads the connections of %i threads evenly', async (threads) => {
    const [first, second] = await replicas();
    await using _one = first;
    await using _two = second;
    resolveTo('127.0.0.1', '127.0.0.2', '127.0.0.1');
    const baseUrl = `http://replicas.test:${first.port}`;
    const { fidelity, completed } = await run(baseUrl, {
      threads,
      maxConcurrency: 4,
      numPrompts: 64,
      warmupRequests: 3,
    });
    expect(completed).toBe(64);
    expect(fidelity.addresses).toEqual([
      { address: '127.0.0.1', requests: expect.any(Number) },
      { address: '127.0.0.2', requests: expect.any(Number) },
    ]);
    // Warm-up requests are sent but not counted.
    expect(first.requests.length + second.requests.length).toBe(67);
    expect(fidelity.addresses?.reduce((sum, { requests }) => sum + requests, 0)).toBe(64);
    for (const { requests } of fidelity.addresses ?? []) expect(requests).toBeGreaterThan(8);
    const connections = (engine: RawEngine): number =>
      new Set(engine.requests.map(({ socket }) => socket)).size;
    expect([connections(first), connections(second)]).toEqual([2, 2]);
  });

  it('is used in turn by a connection that is reopened for each request', async () => {
    const closing = ({ socket }: { socket: { end(bytes: Buffer): unknown } }): void => {
      socket.end(response('200 OK', ['Content-Type: text/event-stream', 'Connection: close'], goodStream));
    };
    await using first = await rawEngine(closing);
    await using second = await rawEngine(closing, { host: '127.0.0.2', port: first.port });
    resolveTo('127.0.0.1', '127.0.0.2');
    await run(`http://replicas.test:${first.port}`, { maxConcurrency: 1 });
    expect([first.requests.length, second.requests.length]).toEqual([4, 4]);
  });

  it('skips a dead address, names it, and lowers the verdict', async () => {
    await using engine = await rawEngine();
    resolveTo('127.0.0.2', '127.0.0.1');
    const { fidelity, completed } = await run(`http://replicas.test:${engine.port}`);
    expect(completed).toBe(8);
    expect(fidelity.addresses).toEqual([
      { address: '127.0.0.1', requests: 8 },
      { address: '127.0.0.2', requests: 0, skipped: expect.stringMatching(/ECONNREFUSED/) },
    ]);
    expect(fidelity.verdict).not.toBe('checked');
    expect(fidelity.reasons).toContainEqual(
      expect.stringMatching(
        /127\.0\.0\.1, one of the 2 addresses .* got all 8 requests: 127\.0\.0\.2 was skipped/,
      ),
    );
  });

  it('lowers the verdict if there are fewer streams than addresses', async () => {
    const [first, second] = await replicas();
    await using _one = first;
    await using _two = second;
    resolveTo('127.0.0.1', '127.0.0.2');
    const { fidelity } = await run(`http://replicas.test:${first.port}`, { maxConcurrency: 1 });
    expect(fidelity.reasons).toContainEqual(expect.stringMatching(/got all 8 requests/));
  });

  it('fails only if none of its addresses answers', async () => {
    const gone = await rawEngine();
    await gone[Symbol.asyncDispose]();
    resolveTo('127.0.0.1', '127.0.0.2');
    await expect(run(`http://replicas.test:${gone.port}`)).rejects.toThrow(
      /^cannot connect to http:\/\/replicas\.test:\d+: 127\.0\.0\.1 port \d+: .*; 127\.0\.0\.2 port \d+: /,
    );
  });

  it('continues with the others when one dies', async () => {
    const first = await rawEngine();
    await using second = await rawEngine(undefined, { host: '127.0.0.2', port: first.port });
    let stopped: Promise<void> | undefined;
    first.server.on('connection', (socket) =>
      socket.on('data', () => {
        if (first.requests.length >= 3) stopped ??= Promise.resolve(first[Symbol.asyncDispose]());
      }),
    );
    resolveTo('127.0.0.1', '127.0.0.2');
    const result = await run(`http://replicas.test:${first.port}`, { numPrompts: 40, maxConcurrency: 4 });
    await stopped;
    expect(stopped).toBeDefined();
    expect(second.requests.length).toBeGreaterThan(20);
    expect(result.completed).toBeGreaterThanOrEqual(36);
    expect(result.completed + result.failed).toBe(40);
  });

  it('may have IPv6 and IPv4 addresses of which only one is reachable', async () => {
    await using engine = await rawEngine();
    resolveTo('::1', '127.0.0.1');
    const { fidelity } = await run(`http://replicas.test:${engine.port}`);
    expect(fidelity.addresses?.map(({ address, requests }) => [address, requests])).toEqual([
      ['127.0.0.1', 8],
      ['::1', 0],
    ]);
    expect(fidelity.reasons).not.toContainEqual(expect.stringMatching(/addresses/));
  });
});

describe("the server's profiler", () => {
  it('runs while the clock runs, and the verdict says so', async () => {
    const paths: string[] = [];
    await using engine = await rawEngine(({ socket, target }) => {
      paths.push(target);
      socket.write(target.endsWith('_profile') ? response('200 OK', []) : goodReply);
    });
    const { fidelity } = await runAt(engine, { profile: true, warmupRequests: 1, numPrompts: 2 }, '/p');
    expect(paths).toEqual([
      '/p/v1/completions',
      '/p/start_profile',
      '/p/v1/completions',
      '/p/v1/completions',
      '/p/stop_profile',
    ]);
    expect(fidelity.reasons).toContainEqual("the server's profiler was on and slowed it");
  });

  it('stops after the given seconds, while the requests go on', async () => {
    const paths: string[] = [];
    const stopped = Promise.withResolvers<void>();
    await using engine = await rawEngine(({ socket, target }) => {
      paths.push(target);
      if (target === '/stop_profile') stopped.resolve();
      if (target.endsWith('_profile')) socket.write(response('200 OK', []));
      // No reply comes before the profiler has stopped.
      else void stopped.promise.then(() => socket.write(goodReply));
    });
    const test = { profile: true, profileS: 0.05, warmupRequests: 0, numPrompts: 2, maxConcurrency: 1 };
    const { completed } = await runAt(engine, test);
    expect(completed).toBe(2);
    expect(paths).toEqual(['/start_profile', '/v1/completions', '/stop_profile', '/v1/completions']);
  });

  it('is required: the test fails before measuring if it does not start', async () => {
    await using engine = await rawEngine(({ socket, target }) =>
      socket.write(target.endsWith('_profile') ? response('404 No', [], 'Not Found') : goodReply),
    );
    await expect(runAt(engine, { profile: true })).rejects.toMatchObject({
      errorClass: 'unsupported',
      message: "the server's profiler does not start: /start_profile got status 404 Not Found",
    });
  });

  it('does not cost the result if it does not stop', async () => {
    await using engine = await rawEngine(({ socket, target }) => {
      if (target === '/stop_profile') socket.destroy();
      else socket.write(target === '/start_profile' ? response('200 OK', []) : goodReply);
    });
    const { fidelity, completed } = await runAt(engine, { profile: true });
    expect(completed).toBe(8);
    expect(fidelity.reasons).toContainEqual(expect.stringMatching(/did not stop: \/stop_profile: /));
  });
});
