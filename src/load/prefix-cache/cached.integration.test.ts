import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { someLoadTest } from '../../../test/support/some-load-test.ts';
import type { LoadTest } from '../load-test.ts';
import { runLoadTest } from '../run.ts';

const bodySchema = z.looseObject({ prompt: z.array(z.int()), max_tokens: z.int() });
const { signal } = new AbortController();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server with a prefix cache that knows whole prompts token by token, like SGLang's. */
class CachingServer {
  readonly paths: string[] = [];
  /** What it answers on the path that empties the cache. */
  resetStatus = 200;
  #prompts: (readonly number[])[] = [];

  async listen(): Promise<string> {
    const server = createServer(async (request, response) => {
      const { url = '' } = request;
      this.paths.push(url);
      const body = await text(request);
      if (url === '/flush_cache') {
        if (this.resetStatus === 200) this.#prompts = [];
        response.writeHead(this.resetStatus).end('busy');
      } else if (url === '/v1/completions') {
        const { prompt, max_tokens: tokens } = bodySchema.parse(JSON.parse(body));
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(this.#reply(prompt, tokens));
      } else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  #reply(prompt: readonly number[], tokens: number): string {
    const shared = this.#prompts.map((known) => {
      const different = prompt.findIndex((id, at) => id !== known[at]);
      return different === -1 ? prompt.length - 1 : different;
    });
    this.#prompts.push(prompt);
    const usage = {
      prompt_tokens: prompt.length,
      completion_tokens: tokens,
      prompt_tokens_details: { cached_tokens: Math.max(0, ...shared) },
    };
    const choice = (at: number) => ({ index: 0, text: ' a', finish_reason: at === tokens ? 'length' : null });
    const events = Array.from({ length: tokens }, (_, at) => ({ choices: [choice(at + 1)] }));
    return [...events.map((event) => JSON.stringify(event)), JSON.stringify({ choices: [], usage }), '[DONE]']
      .map((event) => `data: ${event}\n\n`)
      .join('');
  }
}

const asked = (baseUrl: string, more: Partial<LoadTest> = {}): LoadTest => ({
  ...someLoadTest,
  baseUrl,
  dataset: {
    kind: 'shared-prefix',
    prefixLen: 64,
    groups: 1,
    share: 1,
    inputLen: 32,
    outputLen: 2,
    rangeRatio: 1,
  },
  numPrompts: 6,
  detailed: true,
  ...more,
});

describe('cached tokens', () => {
  test('are those of the server, for each request and in total, next to the ideal ones', async () => {
    const baseUrl = await new CachingServer().listen();
    const result = await runLoadTest(asked(baseUrl), { signal });
    expect(result.cached_tokens).toEqual([0, 64, 64, 64, 64, 64]);
    expect(result.prefix_cache).toEqual({
      replies: 6,
      cached_tokens: 5 * 64,
      prompt_tokens: 6 * 96,
      share: (5 * 64) / (6 * 96),
    });
    expect(result.ideal_prefix_cache).toMatchObject({ cached_tokens: 5 * 64, prompt_tokens: 6 * 96 });
    expect(result.fidelity.cached_share_beyond_ideal).toBe(0);
    expect(result).not.toHaveProperty('prefix_cache_reset');
  });

  test('of an earlier run make the result suspect, unless the cache is emptied before', async () => {
    const server = new CachingServer();
    const baseUrl = await server.listen();
    const reset = { cacheReset: { paths: ['/reset_prefix_cache', '/flush_cache'], required: true } };
    await runLoadTest(asked(baseUrl), { signal });
    const again = await runLoadTest(asked(baseUrl), { signal });
    expect(again.fidelity.verdict).not.toBe('checked');
    expect(again.fidelity.reasons.join()).toMatch(/had 4\d % more of the prompt tokens in its prefix cache/);
    const emptied = await runLoadTest(asked(baseUrl, reset), { signal });
    expect(emptied.fidelity.reasons.join()).not.toMatch(/prefix cache/);
    expect(emptied).toMatchObject({ prefix_cache_reset: true, prefix_cache: { cached_tokens: 5 * 64 } });
    expect(server.paths.filter((path) => path.includes('cache'))).toEqual([
      '/reset_prefix_cache',
      '/flush_cache',
    ]);
  });

  test('are not emptied by a server that cannot: an error if it was required, else a note', async () => {
    const server = new CachingServer();
    server.resetStatus = 400;
    const baseUrl = await server.listen();
    const paths = ['/reset_prefix_cache', '/flush_cache'];
    const optional = await runLoadTest(asked(baseUrl, { cacheReset: { paths, required: false } }), {
      signal,
    });
    expect(optional.prefix_cache_reset).toBe(false);
    expect(optional.notes?.join()).toMatch(
      /was not emptied before the test: \/flush_cache got status 400 busy/,
    );
    await expect(
      runLoadTest(asked(baseUrl, { cacheReset: { paths, required: true } }), { signal }),
    ).rejects.toMatchObject({ errorClass: 'unsupported', message: expect.stringContaining('status 400') });
    await expect(
      runLoadTest(asked(baseUrl, { cacheReset: { paths: ['/none'], required: true } }), { signal }),
    ).rejects.toThrow('it has none of /none');
  });
});
