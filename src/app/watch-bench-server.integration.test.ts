import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type LoadTest, loadTestDefaults } from '../load/index.ts';
import { findMetrics } from './server-metrics-places.ts';
import { BenchServer, type WatchedResult } from './watch-bench-server.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function listening(answer: Answer): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

const firstTokenMs = 30;
const gapMs = 4;
const tokens = 6;

/** An engine that publishes its own latencies with vLLM's metric names. */
class TimedEngine {
  readonly ttftS: number[] = [];
  readonly e2elS: number[] = [];
  /** Number of requests by others that it serves for each of ours. */
  othersBeside = 0;
  /** Resets its counters, like a restart. */
  forget = false;
  #finished = 0;

  async serve(response: ServerResponse): Promise<void> {
    const startMs = performance.now();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let token = 0; token < tokens; token++) {
      await delay(token === 0 ? firstTokenMs : gapMs);
      if (token === 0) this.ttftS.push((performance.now() - startMs) / 1000);
      const last = token === tokens - 1;
      const choice = { index: 0, text: ' a', finish_reason: last ? 'length' : null };
      response.write(`data: ${JSON.stringify({ choices: [choice] })}\n\n`);
    }
    this.e2elS.push((performance.now() - startMs) / 1000);
    this.#finished += 1 + this.othersBeside;
    if (this.forget) this.#finished = 1;
    const usage = { prompt_tokens: 10, completion_tokens: tokens };
    response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
  }

  metrics(): string {
    const histogram = (name: string, seconds: readonly number[]) =>
      `vllm:${name}_sum ${seconds.reduce((sum, s) => sum + s, 0)}\nvllm:${name}_count ${seconds.length}\n`;
    return [
      'vllm:num_requests_running{engine="0"} 1',
      `vllm:request_success_total{engine="0",finished_reason="length"} ${this.#finished}`,
      'vllm:num_preemptions_total 0',
      `vllm:prefix_cache_queries_total ${10 * this.#finished}`,
      `vllm:prefix_cache_hits_total ${2 * this.#finished}`,
      histogram('time_to_first_token_seconds', this.ttftS),
      histogram('e2e_request_latency_seconds', this.e2elS),
    ].join('\n');
  }

  readonly answer: Answer = (request, response) => {
    request.resume();
    if (request.method === 'POST') void this.serve(response);
    else if (request.url?.split('?')[0] === '/metrics') response.end(this.metrics());
    else response.writeHead(404).end();
  };
}

async function measured(host: string, metricsUrls?: readonly string[]): Promise<WatchedResult> {
  const asked: LoadTest = {
    ...loadTestDefaults,
    baseUrl: `http://${host}`,
    model: 'm',
    tokenizerId: 'm',
    dataset: { kind: 'random', inputLen: 10, outputLen: tokens, rangeRatio: 1 },
    numPrompts: 6,
    maxConcurrency: 2,
    warmupRequests: 2,
    ignoreEos: true,
  };
  const server = await BenchServer.find({ baseUrl: asked.baseUrl, metricsUrls });
  return await server.measure(asked, { signal: new AbortController().signal });
}

describe('a measured server', () => {
  test('has its own latencies in the result, over the measured window without warm-up', async () => {
    const engine = new TimedEngine();
    const result = await measured(await listening(engine.answer));
    const { server_metrics: server, fidelity, telemetry, environment } = result;
    if (server?.state !== 'read') throw new Error(JSON.stringify(server));
    expect(engine.ttftS).toHaveLength(8);
    const own = engine.ttftS.slice(2).reduce((sum, s) => sum + 1000 * s, 0) / 6;
    expect(server).toMatchObject({
      engine: 'vLLM',
      finished_requests: 6,
      other_requests: 0,
      latencies: { ttft: { count: 6, mean_ms: expect.closeTo(own, 3) }, e2el: { count: 6 } },
      prefix_cache: { queried_tokens: 60, hit_tokens: 12, share: 0.2 },
      preemptions: 0,
      spec_decode: null,
      generation_tokens: null,
    });
    expect(server.window_s).toBeGreaterThan(result.duration);
    const { beyond_server_ms: beyond } = fidelity;
    expect(beyond).toMatchObject({ tpot: null, itl: null });
    expect(beyond?.ttft).toBeCloseTo((result.mean_ttft_ms ?? 0) - own, 3);
    // The client cannot see a token before the server sends it.
    expect(beyond?.ttft).toBeGreaterThan(0);
    expect(telemetry?.engine).toMatchObject({ running: { mean: 1 } });
    // The server runs on this machine, so its facts were read.
    expect(environment?.cpu?.count).toBeGreaterThan(0);
    expect(telemetry?.host).toBeDefined();
  });

  test('that serves others meanwhile: is reported, makes the result suspect, and is not compared', async () => {
    const engine = new TimedEngine();
    engine.othersBeside = 2;
    const { server_metrics: server, fidelity } = await measured(await listening(engine.answer));
    expect(server).toMatchObject({ state: 'read', finished_requests: 18, other_requests: 12 });
    expect(fidelity.verdict).toBe('suspect');
    expect(fidelity.reasons).toContain(
      'the server finished 18 requests and the client sent 6: other clients used it during the measurement',
    );
    expect(fidelity.beyond_server_ms).toEqual({ ttft: null, tpot: null, itl: null, e2el: null });
  });

  test('that was restarted meanwhile: its figures are unknown, and the result is suspect', async () => {
    const engine = new TimedEngine();
    engine.forget = true;
    const host = await listening((request, response) => {
      // After the reading before the measurement.
      if (engine.e2elS.length > 4) engine.ttftS.length = 0;
      engine.answer(request, response);
    });
    const { server_metrics: server, fidelity } = await measured(host);
    expect(server).toMatchObject({
      state: 'unavailable',
      reason: expect.stringMatching(/^the server was restarted/),
    });
    expect(fidelity.reasons).toEqual(expect.arrayContaining([expect.stringMatching(/was restarted/)]));
  });

  test('without metrics is measured all the same, and the result says what is missing', async () => {
    const engine = new TimedEngine();
    const host = await listening((request, response) => {
      if (request.method === 'POST') engine.answer(request, response);
      else response.writeHead(404).end();
    });
    const { server_metrics: server, fidelity, completed } = await measured(host);
    expect(completed).toBe(6);
    expect(server).toEqual({
      state: 'unavailable',
      reason: `http://${host}/metrics answers 404: set --metrics-url if the metrics are elsewhere (llama.cpp: --metrics, SGLang: --enable-metrics, TensorRT-LLM: return_perf_metrics: true)`,
    });
    expect(fidelity).not.toHaveProperty('beyond_server_ms');
  });

  test('with metrics at other URLs, with passwords: several engines count as one server', async () => {
    const [one, other] = [new TimedEngine(), new TimedEngine()];
    let turn = 0;
    const host = await listening((request, response) => {
      turn += 1;
      (turn % 2 === 0 ? one : other).answer(request, response);
    });
    const guarded = async ({ answer }: TimedEngine) =>
      await listening((request, response) => {
        if (request.headers.authorization === `Basic ${btoa('u:s3cret')}`) answer(request, response);
        else response.writeHead(401).end();
      });
    const hosts = [await guarded(one), await guarded(other)];
    const { server_metrics: server } = await measured(
      host,
      hosts.map((guard) => `http://u:s3cret@${guard}/metrics?token=s3cret`),
    );
    expect(server).toMatchObject({ state: 'read', finished_requests: 6, other_requests: 0 });
    if (server?.state !== 'read') throw new Error('not read');
    expect(server.urls).toEqual(hosts.map((guard) => `http://${guard}/metrics`));
  });
});

describe('the reason why metrics cannot be read', () => {
  const reasonOf = async (answer: Answer, withinMs?: number) => {
    const host = await listening(answer);
    const found = await findMetrics({ baseUrl: `http://${host}`, metricsUrls: undefined }, withinMs);
    return { host, reason: found.state === 'unavailable' ? found.reason : 'found' };
  };

  test('a password is needed', async () => {
    const { host, reason } = await reasonOf((_, response) => response.writeHead(401).end());
    expect(reason).toBe(
      `http://${host}/metrics answers 401: it needs credentials, as in --metrics-url http://USER:PASSWORD@HOST/metrics or --header`,
    );
  });

  test('the answer times out', async () => {
    const { host, reason } = await reasonOf(() => {}, 300);
    expect(reason).toBe(`http://${host}/metrics did not answer in time`);
  });

  test('the answer never ends', async () => {
    const { host, reason } = await reasonOf((_, response) => {
      const piece = 'x'.repeat(1 << 20);
      const more = (): void => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', more);
      more();
    });
    expect(reason).toBe(`http://${host}/metrics: the answer is longer than 16 MiB, the most that is read`);
  });

  test('the metrics are not those of an engine', async () => {
    const { host, reason } = await reasonOf((_, response) => response.end('<html>vLLM</html>'));
    expect(reason).toMatch(new RegExp(`^http://${host}/metrics has no metrics of .*vLLM`));
  });

  test('the server does not use HTTP', async () => {
    const found = await findMetrics({ baseUrl: 'loopback://here', metricsUrls: undefined });
    expect(found).toMatchObject({
      state: 'unavailable',
      reason: expect.stringMatching(/this requires HTTP$/),
    });
  });

  test('the connection is refused', async () => {
    const found = await findMetrics({ baseUrl: 'http://127.0.0.1:1', metricsUrls: undefined });
    expect(found).toMatchObject({
      reason: expect.stringMatching(/^http:\/\/127.0.0.1:1\/metrics: .*ECONNREFUSED/),
    });
  });

  test('absent if the metrics are behind a redirect of a mounted path', async () => {
    const host = await listening((request, response) => {
      if (request.url === '/prometheus/metrics')
        response.writeHead(307, { location: '/prometheus/metrics/' }).end();
      else if (request.url === '/prometheus/metrics/') response.end('trtllm_kv_cache_utilization 0.5\n');
      else response.writeHead(404).end();
    });
    const found = await findMetrics({ baseUrl: `http://${host}`, metricsUrls: undefined });
    expect(found).toMatchObject({ state: 'found', engine: 'TensorRT-LLM' });
  });
});
