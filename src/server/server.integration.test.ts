import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import type { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { describeEachStore } from '../../test/support/each-store.ts';
import { runs } from '../../test/support/runs.ts';
import { ServedStore } from '../../test/support/served-store.ts';
import { randomNumbers, somePoint, syntheticRow } from '../../test/support/synthetic-results.ts';
import { someSweep, writeSweepFiles } from '../../test/support/synthetic-sweep.ts';
import { zip } from '../../test/support/zip.ts';
import { packageRoot } from '../package-root.ts';
import { documentKinds, pathOf } from './documents/index.ts';
import { tracePath } from './traces.ts';

let served: ServedStore;
let app: Hono;
beforeAll(async () => {
  served = await ServedStore.create();
  app = served.app();
});
afterAll(() => served.remove());

const local = { host: '127.0.0.1:8080' };

async function get(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  from: Hono = app,
): Promise<Response> {
  return await from.request(path, { headers: { ...local, ...headers } });
}

const operationSchema = z.looseObject({
  operationId: z.string(),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string(), required: z.boolean() })).default([]),
  responses: z.record(
    z.string(),
    z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.looseObject({}) })).optional() }),
  ),
});
const documentSchema = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
});

/** Validates answers against the OpenAPI document. */
class Conformance {
  readonly document: z.infer<typeof documentSchema>;
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(document: unknown) {
    this.document = documentSchema.parse(document);
    addFormats.default(this.#ajv);
    this.#ajv.addSchema({ $id: 'root', ...this.document });
  }

  async check(path: string, method: string, response: Response): Promise<string[]> {
    const operation = this.document.paths[path]?.[method];
    const answers = operation?.responses[String(response.status)];
    if (operation === undefined || answers === undefined)
      return [`${path} may not answer ${response.status}`];
    if (answers.content === undefined) return [];
    const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
    if (answers.content[type] === undefined) return [`${path} may not answer ${type}`];
    if (!type.includes('json')) return [];
    const at = ['paths', path, method, 'responses', String(response.status), 'content', type, 'schema'];
    const pointer = at
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = this.#validators.get(pointer) ?? this.#ajv.compile({ $ref: `root#/${pointer}` });
    this.#validators.set(pointer, validate);
    if (validate(await response.json())) return [];
    return (validate.errors ?? []).map((error) => `${path} ${error.instancePath}: ${error.message}`);
  }
}

async function conformance(): Promise<Conformance> {
  return new Conformance(await (await get('/api/v1/openapi.json')).json());
}

/** For every operation that reads, addresses that are answered with 200. */
async function goodAddresses({ store, knowledge }: ServedStore): Promise<Map<string, string[]>> {
  const [point] = await store.latestPoints({ hw: 'h200' });
  const id = point?.id ?? '';
  const query = 'model=dsr1&isl=1024&osl=1024';
  const addresses = new Map([
    ['/api/v1/index', ['/api/v1/index']],
    [
      '/api/v1/search',
      ['/api/v1/search?q=dsr1+h200', `/api/v1/search?q=${id.slice(0, 8)}`, '/api/v1/search?q=%25'],
    ],
    ['/api/v1/frontier', [`/api/v1/frontier?${query}`, `/api/v1/frontier?${query}&precision=fp8`]],
    [
      '/api/v1/best',
      [
        `/api/v1/best?${query}&interactivity=90`,
        `/api/v1/best?${query}&interactivity=90&ttft_ms=none&precision=passed&tokens=output&usd_per_gpu_hour=2.5`,
      ],
    ],
    [
      '/api/v1/points',
      [
        '/api/v1/points',
        '/api/v1/points?limit=2',
        `/api/v1/points?${query}&hw=h200&conc=1&since=2026-01-15T00:00:00Z`,
      ],
    ],
    ['/api/v1/points/{id}', [`/api/v1/points/${id}`]],
    [
      '/api/v1/history/{configuration}',
      [`/api/v1/history/${point?.configurationId}`, `/api/v1/history/${point?.configurationId}?conc=1`],
    ],
    [
      '/api/v1/compare',
      ['/api/v1/compare?a=run-20260114&b=run-20260121-10', '/api/v1/compare?a=2026-01-15&b=latest&hw=h200'],
    ],
    ['/api/v1/runs', ['/api/v1/runs', '/api/v1/runs?limit=1']],
    ['/api/v1/runs/{id}', ['/api/v1/runs/run-20260121-120000-cccc']],
    ['/api/v1/evals', ['/api/v1/evals']],
    ['/api/v1/reliability', ['/api/v1/reliability', '/api/v1/reliability?hw=b200-trt']],
    ['/api/v1/hardware', ['/api/v1/hardware']],
    ['/api/v1/changelog', ['/api/v1/changelog']],
    ['/api/v1/openapi.json', ['/api/v1/openapi.json']],
    ['/healthz', ['/healthz']],
    ['/metrics', ['/metrics']],
  ]);
  for (const kind of documentKinds) {
    const all = await kind.all(knowledge);
    addresses.set(
      `/data/${kind.path}.json`,
      all.map((parts) => `/data/${pathOf(kind, parts)}.json`),
    );
  }
  return addresses;
}

describeEachStore('every real answer', (newStore) => {
  test('a text that no store can hold and an invalid cursor are client errors', async () => {
    const answering = await ServedStore.create(await newStore());
    const cursors = ['[0.5,0.5]', '[1e300,1]', '[1,1e300]', '[9007199254740993,9007199254740993]'];
    const bad = cursors.flatMap((text) =>
      ['points', 'runs', 'evals'].map((list) => `${list}?cursor=${Buffer.from(text).toString('base64url')}`),
    );
    const odd = [
      'points?model=%00',
      'points/%00',
      'search?q=a%00',
      'runs/%00',
      'evals?hw=%00',
      'history/%00',
    ];
    const more = ['reliability?hw=%00', 'compare?a=%00&b=latest'];
    try {
      for (const path of [...bad, ...odd, ...more].map((one) => `/api/v1/${one}`)) {
        const { status } = await get(path, {}, answering.app());
        expect([400, 404], path).toContain(status);
      }
      expect((await get('/data/points/%00.json', {}, answering.app())).status).toBe(404);
    } finally {
      await answering.remove();
    }
  });

  test('conforms to the document, for every operation', async () => {
    const checks = await conformance();
    const answering = await ServedStore.create(await newStore());
    try {
      const addresses = await goodAddresses(answering);
      const reading = Object.entries(checks.document.paths).flatMap(([path, methods]) =>
        // A trace is a file; test/profiled-run.slow.test.ts downloads one.
        'get' in methods && path !== tracePath ? [path] : [],
      );
      expect([...addresses.keys()].toSorted()).toEqual(reading.toSorted());
      for (const [path, examples] of addresses) {
        // No point of these stores replays sessions.
        if (!path.includes('/sessions/')) expect(examples.length, path).toBeGreaterThan(0);
        for (const address of examples) {
          const response = await get(address, {}, answering.app());
          expect(response.status, address).toBe(200);
          expect(await checks.check(path, 'get', response.clone()), address).toEqual([]);
          // In every store, the same content must give the same answer.
          if (address !== '/metrics')
            expect(await response.text(), address).toBe(await (await get(address)).text());
        }
      }
    } finally {
      await answering.remove();
    }
  });
});

describe('the API', () => {
  test('describes itself in valid OpenAPI 3.1', async () => {
    const document = documentSchema.parse(await (await get('/api/v1/openapi.json')).json());
    expect(await new Validator().validate(document)).toMatchObject({ valid: true });
  });

  test('never fails, and reports every error as its document specifies', async () => {
    const checks = await conformance();
    const questions = Object.entries(checks.document.paths).filter(
      ([path, { get }]) => path.startsWith('/api/') && get !== undefined,
    );
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        '',
        '0',
        '-1',
        '1e999',
        'NaN',
        "' or 1=1 --",
        '../../etc/passwd',
        '%00',
        '\u0000',
        '9'.repeat(400),
        'dsr1',
        '1024',
        '100',
        'h200',
        '2026-01-15T00:00:00Z',
        'W10',
        'WzEsMl0',
        'WzFlMzA4LDFlMzA4XQ',
      ),
      fc.integer().map(String),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...questions),
        fc.dictionary(fc.oneof(fc.string({ maxLength: 10 }), fc.constantFrom('limit', 'cursor')), odd, {
          maxKeys: 2,
        }),
        fc.infiniteStream(fc.option(odd, { nil: undefined })),
        async ([path, { get: operation }], more, values) => {
          const query = new URLSearchParams(more);
          let address = path;
          for (const { name, in: place } of operation?.parameters ?? []) {
            const { value } = values.next();
            if (place === 'path')
              address = address.replace(`{${name}}`, encodeURIComponent(toWellFormed(value ?? 'x') || 'x'));
            else if (value !== undefined) query.set(name, value);
          }
          const response = await get(`${address}?${query}`);
          // The URL parser resolves a path of dots before it is requested.
          if (new URL(`http://x${address}`).pathname !== address) return;
          expect(response.status).toBeLessThan(500);
          expect(await checks.check(path, 'get', response), `${address}?${query}`).toEqual([]);
        },
      ),
      { numRuns: runs(100) },
    );
  });

  test('no document path fails or leaves the folder', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          '/data/',
          '/data/shapes/',
          '/data/points/',
          '/data/runs/',
          '/data/history/x/',
          '/',
          '/assets/',
        ),
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom('%', '%ff', '..%2f..%2fpackage', '=zz', '~', 'a'.repeat(5000)),
        ),
        async (folder, name) => {
          const response = await get(
            `${folder}${name.includes('%') ? name : encodeURIComponent(toWellFormed(name))}.json`,
          );
          expect([200, 404]).toContain(response.status);
        },
      ),
      { numRuns: runs(60) },
    );
  });

  test.each([
    ['points?limit=0', 'limit: expected a number of at least 1, found 0'],
    ['points?limit=1001', 'limit: expected a number of at most 1000, found 1001'],
    ['points?limit=many', 'limit: expected a number'],
    ['search', 'q: is missing'],
    ['frontier?model=dsr1&isl=1024', 'osl: is missing'],
  ])('explains what is wrong with %s', async (address, message) => {
    const response = await get(`/api/v1/${address}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: message });
  });

  test('pages contain every point once', async () => {
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const response: Response = await get(
        `/api/v1/points?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      const page = z
        .object({ points: z.array(z.object({ id: z.string() })), next: z.string().nullable() })
        .parse(await response.json());
      ids.push(...page.points.map(({ id }) => id));
      cursor = page.next;
    }
    const all = await served.store.points({}, { limit: 1000 });
    expect(ids).toEqual(all.items.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('names the invalid parameter', async () => {
    const response = await get('/api/v1/frontier?model=dsr1&isl=none&colour=red');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      title: 'Bad request',
      code: 'bad-parameter',
      problems: expect.arrayContaining([
        expect.objectContaining({ parameter: 'isl' }),
        expect.objectContaining({ parameter: 'osl' }),
        expect.objectContaining({ parameter: 'colour' }),
      ]),
    });
    expect((await get('/api/v1/points?hw=a&hw=b')).status).toBe(400);
    expect((await get('/api/v1/nothing')).status).toBe(404);
    expect((await app.request('/api/v1/points', { method: 'DELETE', headers: local })).status).toBe(405);
  });

  test('answers are compressed, sent once, and change only with the store', async () => {
    const first = await get('/data/hardware.json');
    const etag = first.headers.get('etag') ?? '';
    const body = Buffer.from(await first.arrayBuffer());
    const again = await get('/data/hardware.json', { 'if-none-match': etag });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    const [br, gzip] = [
      await get('/data/hardware.json', { 'accept-encoding': 'gzip, br' }),
      await get('/data/hardware.json', { 'accept-encoding': 'gzip' }),
    ];
    expect([br.headers.get('content-encoding'), gzip.headers.get('content-encoding')]).toEqual([
      'br',
      'gzip',
    ]);
    expect(brotliDecompressSync(Buffer.from(await br.arrayBuffer()))).toEqual(body);
    expect(gunzipSync(Buffer.from(await gzip.arrayBuffer()))).toEqual(body);
    expect(br.headers.get('etag')).not.toBe(etag);
    expect(br.headers.get('vary')).toBe('Accept-Encoding');
  });

  test('no answer contains a host path', async () => {
    for (const addresses of (await goodAddresses(served)).values()) {
      for (const address of addresses) {
        if (address === '/metrics') continue;
        const text = await (await get(address)).text();
        for (const path of [served.folder, homedir(), packageRoot, '/home/ann'])
          expect(text.includes(path), `${path} in ${address}`).toBe(false);
      }
    }
    expect(await (await get('/data/runs/run-20260121-120000-cccc.json')).text()).toContain('see …/x.log');
  });
});

describe('the server', () => {
  test('answers only to its own host names', async () => {
    for (const host of ['evil.example', '127.0.0.1.evil.example'])
      expect((await app.request('/data/index.json', { headers: { host } })).status).toBe(421);
  });

  test('every answer has a strict content security policy and is not shared with other origins', async () => {
    const response = await get('/data/index.json', { origin: 'http://evil.example' });
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('limits the request rate of a client', async () => {
    const limited = served.app({ readLimit: { burst: 2, perSecond: 0.5 } });
    const ask = async () => await limited.request('/healthz', { headers: local });
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('2');
  });

  test('limits each client of a proxy separately', async () => {
    const limited = served.app({ proxies: 1, readLimit: { burst: 1, perSecond: 0.5 } });
    const ask = async (from: string) =>
      (await limited.request('/healthz', { headers: { ...local, 'x-forwarded-for': from } })).status;
    expect(await ask('192.0.2.1')).toBe(200);
    expect(await ask('192.0.2.2')).toBe(200);
    expect(await ask('198.51.100.9, 192.0.2.1')).toBe(429);
  });

  test('reports internal errors to the log and not to the client', async () => {
    const logged: string[] = [];
    const broken = served.app({
      knowledge: {
        ...served.knowledge,
        store: Object.assign(Object.create(served.store), {
          sweeps: () => Promise.reject(new Error('/home/ann/store.sqlite is gone')),
        }),
      },
      onError: (request, error) => logged.push(`${request}: ${error.message}`),
    });
    const response = await broken.request('/api/v1/runs', { headers: local });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('ann');
    expect(logged).toEqual(['GET /api/v1/runs: /home/ann/store.sqlite is gone']);
  });

  test('computes few comparisons at once, each only once, and answers other requests meanwhile', async () => {
    const asked = served.app();
    const compare = async (second: number) =>
      await asked.request(`/api/v1/compare?a=2026-01-15&b=2026-01-22T00:00:${second}Z`, { headers: local });
    const others = Array.from({ length: 40 }, async (_, at) => await compare(10 + at));
    expect((await asked.request('/healthz', { headers: local })).status).toBe(200);
    const answers = await Promise.all(others);
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(18);
    expect(refused).toHaveLength(22);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    const same = await Promise.all(Array.from({ length: 40 }, async () => await compare(59)));
    expect(new Set(same.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('counts its answers for Prometheus', async () => {
    const counted = served.app();
    await counted.request('/healthz', { headers: local });
    const text = await (await counted.request('/metrics', { headers: local })).text();
    expect(text).toContain(
      'inferencemax_http_request_duration_seconds_count{method="GET",route="/healthz",status="200"} 1',
    );
    expect(text).toContain('inferencemax_store_rows{kind="points"} 9');
  });
});

describe('writing', () => {
  const post = async (body: Uint8Array | string, headers: Readonly<Record<string, string>>) =>
    await app.request('/api/v1/ingest', {
      method: 'POST',
      body: typeof body === 'string' ? body : new Uint8Array(body),
      headers: { ...local, 'content-type': 'application/zip', ...headers },
    });

  test('needs a valid token', async () => {
    const secret = await served.tokens.create('reader', { now: new Date() });
    expect((await post('x', {})).status).toBe(401);
    expect((await post('x', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await post('x', { authorization: secret })).status).toBe(401);
    await served.tokens.revoke('reader');
    expect((await post('x', { authorization: `Bearer ${secret}` })).status).toBe(401);
  });

  test('rejects anything but an archive of allowed size, as the document specifies', async () => {
    const checks = await conformance();
    const authorization = `Bearer ${await served.tokens.create('odd', { now: new Date() })}`;
    const cases = [
      [await post('no zip', { authorization }), 422],
      [await post('{}', { authorization, 'content-type': 'application/json' }), 415],
      [await post(randomBytes(1024 * 1024 + 1), { authorization }), 413],
      [await post('', { authorization }), 422],
    ] as const;
    for (const [response, status] of cases) {
      expect(response.status).toBe(status);
      expect(await checks.check('/api/v1/ingest', 'post', response)).toEqual([]);
    }
  });

  test('ingests a run once, and every view has it immediately', async () => {
    const checks = await conformance();
    const target = await ServedStore.create();
    try {
      const writable = target.app();
      const authorization = `Bearer ${await target.tokens.create('ci', { now: new Date() })}`;
      const before = await (await writable.request('/data/index.json', { headers: local })).text();
      const archive = await zippedRun('run-20260301-000000-eeee');
      const send = async () =>
        await writable.request('/api/v1/ingest', {
          method: 'POST',
          body: new Uint8Array(archive),
          headers: { ...local, authorization, 'content-type': 'application/zip' },
        });
      const first = await send();
      expect(first.status).toBe(200);
      expect(await checks.check('/api/v1/ingest', 'post', first.clone())).toEqual([]);
      expect(await first.json()).toMatchObject({ added: 3, unchanged: 0, quarantined: [] });
      expect(await (await send()).json()).toMatchObject({ added: 0, unchanged: 3 });
      const after = await (await writable.request('/data/index.json', { headers: local })).text();
      expect(before).not.toContain('run-20260301-000000-eeee');
      expect(after).toContain('run-20260301-000000-eeee');
    } finally {
      await target.remove();
    }
  });
});

describe('uploaded artifacts', () => {
  let target: ServedStore;
  let send: (row: number, query?: string) => Promise<Response>;
  beforeEach(async () => {
    target = await ServedStore.create();
    const writable = target.app();
    const authorization = `Bearer ${await target.tokens.create('ci', { now: new Date() })}`;
    send = async (row, query = '') =>
      await writable.request(`/api/v1/ingest${query}`, {
        method: 'POST',
        body: new Uint8Array(artifact(row)),
        headers: { ...local, authorization, 'content-type': 'application/zip' },
      });
  });
  afterEach(() => target.remove());
  const sent = async () => (await target.store.allSweeps()).filter(({ source }) => source === 'artifact');

  test('are one run per archive, or one run for all archives of the same CI run', async () => {
    for (const row of [1, 2, 1]) expect((await send(row)).status).toBe(200);
    expect(await sent()).toHaveLength(2);
    const said = (commit: string) => `?sha=${commit.repeat(40)}&ref=main&url=https://ci.example/7`;
    for (const row of [3, 4]) expect((await send(row, said('A'))).status).toBe(200);
    expect(await sent()).toHaveLength(3);
    expect((await send(5, said('b'))).status).toBe(200);
    const shas = (await sent()).map(({ gitSha, gitRef, url }) => [gitSha?.charAt(0), gitRef, url]);
    expect(shas).toEqual(
      expect.arrayContaining([
        ['a', 'main', 'https://ci.example/7'],
        ['b', 'main', 'https://ci.example/7'],
        [undefined, null, null],
      ]),
    );
  });

  test('are found by their hardware in any letter case', async () => {
    const score = { model: 'a/b', model_prefix: 'dsr1', hw: 'B200', framework: 'vllm', precision: 'fp8' };
    const file = join(target.folder, 'score.json');
    await writeFile(file, JSON.stringify({ ...score, task: 'gsm8k', score: 0.9, score_name: 'em_strict' }));
    expect(await target.store.ingest(file)).toMatchObject({ evals: 1 });
    for (const hw of ['B200', 'b200']) {
      const response = await get(`/api/v1/evals?hw=${hw}`, {}, target.app());
      expect(await response.json()).toMatchObject({ evals: [{ hw: 'b200' }] });
    }
  });

  test('get the run and the time that the caller passes', async () => {
    expect((await send(1, '?run=ci-7&measuredAt=2026-02-01T10:00:00Z')).status).toBe(200);
    expect(await sent()).toMatchObject([{ id: 'ci-7', createdAt: '2026-02-01T10:00:00.000Z' }]);
  });

  test.each([
    ['sha', '?sha=main'],
    ['ref', '?ref=a%00b'],
    ['url', '?url=javascript:alert(1)'],
    ['url', '?url=https://user:secret@ci.example/7'],
    ['run', `?run=${'x'.repeat(301)}`],
    ['measuredAt', '?measuredAt=yesterday'],
    ['run', '?run=a&run=b'],
  ])('with a wrong %s are rejected: %s', async (parameter, query) => {
    const checks = await conformance();
    const response = await send(1, query);
    expect(response.status).toBe(400);
    expect(await checks.check('/api/v1/ingest', 'post', response.clone())).toEqual([]);
    expect(await response.json()).toMatchObject({ problems: [{ parameter }] });
    expect(await sent()).toEqual([]);
  });
});

/** An archive with one row that is not in any store yet. */
function artifact(row: number): Buffer {
  const content = JSON.stringify(syntheticRow({ ...somePoint, conc: 100 + row }, randomNumbers(row)));
  return zip([{ name: 'agg_row.json', content }]);
}

/** Text for an address: without lone surrogates. */
function toWellFormed(text: string): string {
  return text.toWellFormed();
}

/** A run directory as a zip archive. */
async function zippedRun(sweepId: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'zipped-'));
  try {
    const at = Date.UTC(2026, 2, 1);
    const points = someSweep.points.map((point) => ({ ...point, at }));
    await writeSweepFiles(folder, { ...someSweep, sweepId, at, points, seed: 9 });
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) =>
      one.isFile(),
    );
    return zip(
      await Promise.all(
        files.map(async (file) => {
          const path = join(file.parentPath, file.name);
          return { name: `${sweepId}/${relative(folder, path)}`, content: await readFile(path) };
        }),
      ),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
