import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { publicResults } from '../../scripts/serve-public-results.ts';
import {
  availableRow,
  benchmarkRow,
  cutOff,
  evaluationRow,
  type ListAnswer,
  list,
  PublicApi,
  runUrl,
  status,
} from '../../test/support/public-api.ts';
import { packageRoot } from '../package-root.ts';
import { openStore, type Store } from '../store/index.ts';
import { ApiClient, type ClientOptions } from './client.ts';
import { type PullOptions, type PullOutcome, pull } from './pull.ts';

const newest = 'benchmarks?model=DeepSeek-R1-0528';
const history = 'benchmarks/history?model=DeepSeek-R1-0528&isl=1024&osl=1024';

let folder: string;
let store: Store;
let api: PublicApi;
let waits: number[];
/** The client's time; cached answers that are too old are requested again. */
let now: number;
const quarterHour = 15 * 60_000;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'public-'));
  store = await openStore(join(folder, 'store.sqlite'));
  waits = [];
  now = Date.parse('2026-03-01T00:00:00Z');
  api = await PublicApi.start({
    availability: [list([availableRow()])],
    [newest]: [list([benchmarkRow()])],
    evaluations: [list([evaluationRow()])],
    reliability: [list([{ hardware: 'h200', date: '2026-02-01', n_success: 3, total: 4 }])],
  });
});
afterEach(async () => {
  await store.close();
  await api.stop();
  await rm(folder, { recursive: true, force: true });
});

function client(options: Partial<ClientOptions> = {}): ApiClient {
  return new ApiClient({
    address: api.address,
    cacheFolder: join(folder, 'cache'),
    wait: async (ms) => {
      waits.push(ms);
    },
    now: () => now,
    ...options,
  });
}

async function pulled(options: Partial<PullOptions> = {}): Promise<PullOutcome> {
  return await pull({ client: client(), store, signal: new AbortController().signal, ...options });
}

const points = async () => [...(await store.points({}, { limit: 1000 })).items];

describe('public pull', () => {
  test('stores points, scores and job counts, each point with its source, its run and its mark', async () => {
    expect(await pulled()).toMatchObject({ points: 1, added: 1, evals: 1, quarantined: [] });
    const [point] = await points();
    expect(point).toMatchObject({ source: 'public', sweepId: 'public-1' });
    expect(point?.reasons.join()).toContain('thinned copy');
    expect(point?.measuredAt).toBe('2026-02-01T00:00:00.000Z');
    expect(await store.jobCounts()).toEqual([
      { source: 'public', hw: 'h200', day: '2026-02-01', ended: 4, succeeded: 3 },
    ]);
  });

  test('a run is one run, if its scores do not name the attempt that its points name', async () => {
    const page = runUrl(1).replace('/attempts/1', '');
    api.answer('evaluations', list([evaluationRow({ run_url: page })]));
    expect(await pulled()).toMatchObject({ points: 1, evals: 1, runs: 1 });
    const runs = await store.sweeps({});
    expect(runs.items.map(({ id, url }) => [id, url])).toEqual([['public-1', page]]);
    expect(await pulled()).toMatchObject({ added: 0, evals: 0, runs: 1 });
  });

  test('a point that a later attempt of its run measured again is that of the later attempt', async () => {
    const again = runUrl(1).replace('/attempts/1', '/attempts/2');
    const later = benchmarkRow({ run_url: again }, { tput_per_gpu: 200 });
    for (const rows of [
      [benchmarkRow(), later],
      [later, benchmarkRow()],
    ]) {
      api.answer(newest, list(rows));
      await pulled({ client: client({ refresh: true }) });
      expect((await points()).map(({ row }) => row.tput_per_gpu)).toEqual([200]);
    }
  });

  test('adds nothing when repeated, and sends the ETag of the last answer', async () => {
    const recognised: ListAnswer = (request, response) =>
      (request.headers['if-none-match'] === '"v1"' ? status(304) : list([benchmarkRow()], { etag: '"v1"' }))(
        request,
        response,
      );
    api.answer(newest, recognised);
    await pulled();
    now += quarterHour;
    const again = client();
    expect(await pulled({ client: again })).toMatchObject({ points: 1, added: 0, unchanged: 1, evals: 0 });
    expect(again.counts.unchanged).toBe(1);
    expect(await points()).toHaveLength(1);
  });

  test('sends no request twice within ten minutes, except with refresh', async () => {
    await pulled();
    const { length } = api.asked;
    await pulled();
    expect(api.asked).toHaveLength(length);
    await pulled({ client: client({ refresh: true }) });
    expect(api.asked.length).toBe(2 * length);
  });

  test('reads all pages of a list', async () => {
    const page = (conc: number, next: string) =>
      list([benchmarkRow({ conc })], next === '' ? {} : { link: `<${next}>; rel="next"` });
    api.answer(newest, page(1, `/api/v1/${newest}&page=2`));
    api.answer(`${newest}&page=2`, page(2, `/api/v1/${newest}&page=3`));
    api.answer(`${newest}&page=3`, page(3, ''));
    expect(await pulled()).toMatchObject({ points: 3, added: 3 });
  });

  test('rejects pages that link back to each other', async () => {
    api.answer(newest, list([benchmarkRow()], { link: `</api/v1/${newest}>; rel="next"` }));
    await expect(pulled()).rejects.toThrow('names itself as its next page');
  });

  test('stores a row that is in two lists once', async () => {
    api.answer(history, list([benchmarkRow(), benchmarkRow({ date: '2026-01-01', run_url: runUrl(2) })]));
    expect(await pulled()).toMatchObject({ points: 2, runs: 2 });
  });

  test('retries after the pause in Retry-After', async () => {
    api.answer(newest, status(429, { 'retry-after': '7' }), list([benchmarkRow()]));
    expect(await pulled()).toMatchObject({ added: 1 });
    expect(waits).toEqual([7_000]);
  });

  test('retries after a server error', async () => {
    api.answer(newest, status(500), status(503), list([benchmarkRow()]));
    expect(await pulled()).toMatchObject({ added: 1 });
    expect(waits).toHaveLength(2);
  });

  test('retries if the connection breaks during an answer', async () => {
    api.answer(newest, cutOff, list([benchmarkRow()]));
    expect(await pulled()).toMatchObject({ added: 1 });
    expect(waits).toHaveLength(1);
  });

  test('retries if an answer ends early without an error', async () => {
    const half: ListAnswer = (_, response) => void response.writeHead(200).end('[{"hardware": "h2');
    api.answer(newest, half, list([benchmarkRow()]));
    expect(await pulled()).toMatchObject({ added: 1 });
  });

  test('gives up after six tries, and keeps the data fetched so far', async () => {
    api.answer(newest, status(502));
    await expect(pulled()).rejects.toThrow(/benchmarks\?model=DeepSeek-R1-0528 answers 502, after 6 tries/);
    api.answer(newest, list([benchmarkRow()]));
    const after = client();
    await pulled({ client: after });
    expect(after.counts.fromCache).toBeGreaterThan(0);
  });

  test('does not wait for a Retry-After of an hour', async () => {
    api.answer(newest, status(429, { 'retry-after': '3600' }));
    await expect(pulled()).rejects.toThrow('pause of 60 minutes');
    expect(waits).toEqual([]);
  });

  test('leaves out a row of an unknown shape, and names the field', async () => {
    api.answer(newest, list([benchmarkRow(), benchmarkRow({ conc: 8, prefill_ep: 'one' })]));
    const { added, quarantined } = await pulled();
    expect(added).toBe(1);
    expect(quarantined).toMatchObject([{ file: `${newest.replace('?model=', ' ')}[1]` }]);
    expect(quarantined[0]?.reason).toContain('prefill_ep');
  });

  test('says that the API has changed if no row can be read, and names the field', async () => {
    const changed = { hardware: undefined, gpu: 'h200' };
    api.answer(newest, list([benchmarkRow(changed), benchmarkRow({ ...changed, conc: 8 })]));
    await expect(pulled()).rejects.toThrow(/the API has changed: .* hardware/);
    expect(await points()).toEqual([]);
  });

  test.each([
    ['an object instead of a list', (_, response) => void response.end('{"rows": []}'), 'a list of rows'],
    ['an HTML page', (_, response) => void response.end('<!doctype html>'), 'does not answer with JSON'],
    ['status 403', status(403), 'answers 403'],
  ] satisfies [string, ListAnswer, string][])(
    'reports an API that answers with %s',
    async (_, answer, message) => {
      api.answer(newest, answer);
      await expect(pulled()).rejects.toThrow(message);
    },
  );

  test('skips a model that the API lists but has no rows for', async () => {
    api.answer('availability', list([availableRow(), availableRow({ model: 'newmodel9' })]));
    api.answer('benchmarks?model=newmodel9', status(400));
    expect(await pulled()).toMatchObject({ added: 1, skipped: ['newmodel9'] });
  });

  test('requests only the given models, and keeps only points since the given day', async () => {
    api.answer('availability', list([availableRow(), availableRow({ model: 'gptoss120b' })]));
    api.answer(newest, list([benchmarkRow(), benchmarkRow({ date: '2026-01-01', run_url: runUrl(2) })]));
    const models = [{ prefix: 'dsr1', title: 'DeepSeek R1 0528' }];
    expect(await pulled({ models, since: '2026-02-01' })).toMatchObject({ points: 1 });
    expect(api.asked.filter((question) => question.includes('gpt-oss'))).toEqual([]);
  });

  test('replaces a corrected point and score, and leaves the others', async () => {
    api.answer(newest, list([benchmarkRow(), benchmarkRow({ conc: 8 })]));
    await pulled();
    const before = await points();
    now += quarterHour;
    api.answer(newest, list([benchmarkRow({}, { tput_per_gpu: 123 }), benchmarkRow({ conc: 8 })]));
    api.answer('evaluations', list([evaluationRow({ metrics: { em_strict: 0.5, n_eff: 1319 } })]));
    expect(await pulled()).toMatchObject({ added: 1, unchanged: 1, evals: 1 });
    const after = await points();
    expect(after.map(({ row }) => [row.conc, row.tput_per_gpu]).toSorted()).toEqual([
      [4, 123],
      [8, 100],
    ]);
    expect(before.filter(({ id }) => after.some((one) => one.id === id))).toHaveLength(1);
    expect((await store.latestPoints()).map(({ row }) => row.tput_per_gpu).toSorted()).toEqual([100, 123]);
    expect((await store.evals()).items.map(({ score }) => score)).toEqual([0.5]);
    expect(await store.counts()).toMatchObject({ points: 2, runs: 1, evals: 1 });
  });

  test('keeps what is stored when interrupted, and continues from there', async () => {
    const runs = [1, 2, 3, 4].map((run) => benchmarkRow({ run_url: runUrl(run), date: `2026-02-0${run}` }));
    api.answer(newest, list(runs));
    const controller = new AbortController();
    const interrupting = {
      ...store,
      ingestCopied: async (...args: Parameters<Store['ingestCopied']>) => {
        const outcome = await store.ingestCopied(...args);
        if (args[1].id === 'public-2') controller.abort(new Error('interrupted'));
        return outcome;
      },
    };
    await expect(pulled({ store: interrupting, signal: controller.signal })).rejects.toThrow('interrupted');
    expect(await points()).toHaveLength(2);
    const { length } = api.asked;
    expect(await pulled()).toMatchObject({ points: 4, added: 2, unchanged: 2 });
    expect(api.asked).toHaveLength(length);
  });

  test('stops waiting when interrupted', async () => {
    const controller = new AbortController();
    api.answer(newest, status(503));
    const waiting = client({
      wait: async (_, signal) => {
        controller.abort(new Error('interrupted'));
        signal.throwIfAborted();
      },
    });
    await expect(pulled({ client: waiting, signal: controller.signal })).rejects.toThrow('interrupted');
  });

  test('ignores a damaged cache file', async () => {
    await pulled();
    for (const name of await readdir(join(folder, 'cache')))
      await writeFile(join(folder, 'cache', name), '{"url": "http');
    expect(await pulled()).toMatchObject({ points: 1, added: 0 });
  });
});

const captured = join(packageRoot, '..', 'shared', 'public-results');
const isThere = existsSync(join(captured, 'benchmark-rows.json.gz'));

describe.skipIf(!isThere)(
  `the captured public results${isThere ? '' : ' (skipped: they are not next to the project)'}`,
  () => {
    test('are stored completely and read back unchanged', async () => {
      const server = createServer(publicResults(captured));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('the server has no port');
      try {
        const of = client({ address: `http://127.0.0.1:${address.port}` });
        const outcome = await pulled({ client: of });
        expect(outcome).toMatchObject({
          points: 1858,
          added: 1858,
          evals: 531,
          quarantined: [],
          skipped: [],
        });
        expect(outcome.jobDays.jobs).toBe(97_966);
      } finally {
        server.closeAllConnections();
        server.close();
      }
      const all: Awaited<ReturnType<typeof points>> = [];
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await store.points({}, { limit: 1000, cursor });
        all.push(...page.items);
        cursor = page.next;
      }
      expect(all.filter(({ runUrl: url }) => url === null)).toEqual([]);
      expect(all.filter(({ row }) => row.output_tput_per_gpu === null).map(({ row }) => row.hw)).toEqual(
        Array.from({ length: 4 }, () => 'mi355x'),
      );
      // Rows that have only the sum of prefill and decode GPUs.
      const undivided = all.filter(({ row }) => row.is_multinode && row.prefill_tp === undefined);
      expect(undivided.map(({ gpus }) => gpus).toSorted((a, b) => a - b)).toEqual([
        20, 28, 28, 36, 36, 48, 72, 72,
      ]);
      // The per-GPU throughputs of the roles add up to the total, so the layouts are the measured ones.
      for (const { row, gpus } of all) {
        const { tput_per_gpu: total, input_tput_per_gpu: input, output_tput_per_gpu: output } = row;
        if (total === null || input === null || output === null) continue;
        const { num_prefill_gpu: prefill = gpus, num_decode_gpu: decode = gpus } = row;
        expect((input * prefill + output * decode) / gpus / total).toBeCloseTo(1, 6);
      }
      await store.forget({ name: 'public' });
      expect(await store.counts()).toEqual({ points: 0, runs: 0, evals: 0 });
    });
  },
);
