import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentKinds, pathOf } from '../src/server/documents/index.ts';
import { loadKnowledge, publish, writeReport } from '../src/server/index.ts';
import { checkedInConfigs, ServedStore } from './support/served-store.ts';
import { pointId, sessionId, someSweep } from './support/synthetic-sweep.ts';

/**
 * Secrets in every place where a run could have them, all different: named and unnamed ones, in every form of a key.
 * The names of the places appear in failure messages.
 */
const forms = [
  (n: number) => `Zk${n}xQ7fLp2wVbT`,
  (n: number) => `${n}f3a9c1e7b5d2084f6a1c3e5b7d9f0a2`,
  (n: number) => `aGVsbG8${n}d29ybGQhISE`,
  (n: number) => `x${n}-Qm4T-9ZvR-p0Lk`,
  (n: number) => `pw${n}!Tr0ub4dor`,
];
const planted = new Map<string, string>();
function secret(place: string): string {
  const known = planted.get(place);
  if (known !== undefined) return known;
  const made = (forms[planted.size % forms.length] ?? String)(1000 + planted.size);
  planted.set(place, made);
  return made;
}

const imageWithSecret = `registry-user:${secret('image of a config')}@registry.example/engine:v1`;
const modelWithSecret = `https://user:${secret('model of a config')}@hub.example/org/model?key=${secret('query of a model')}`;
const points = someSweep.points.map((point) => ({
  ...point,
  image: imageWithSecret,
  model: modelWithSecret,
}));
const lastPoint = points.at(-1);
const log = [
  `INFO starting with HF_TOKEN=${secret('token in a log')}`,
  `DEBUG headers: {'Authorization': 'Bearer ${secret('header in a log')}'}`,
  `INFO fetching https://u:${secret('URL in a log')}@cdn.example/w?sig=${secret('signature in a log')}`,
  `WARN license ${secret('unnamed word in a log')} accepted`,
  `INFO session ${secret('second unnamed word in a log')}/x ready`,
];

const run = {
  ...someSweep,
  sweepId: 'run-20260301-000000-beef',
  at: someSweep.at + 46 * 86_400_000,
  points,
  change: (raw: Record<string, unknown>) => ({
    ...raw,
    model_id: modelWithSecret,
    tokenizer_id: `/home/ann/${secret('folder of a tokenizer')}/tok`,
    extra_request_body: JSON.stringify({ api_key: secret('request body of a raw result') }),
    headers: { 'X-Auth': secret('header of a raw result') },
    endpoint: `http://x:${secret('endpoint of a raw result')}@127.0.0.1:8000/v1`,
    notes: `measured with ${secret('notes of a raw result')}`,
    pin: { password: 1234567890123 },
    [`by ${secret('name of a field')}`]: 1,
    command: `bench --key ${secret('command of a raw result')}`,
    fidelity: { verdict: 'checked', reasons: [`seen ${secret('reason of a verdict')}`] },
    environment: {
      host: 'node-1',
      os: 'Linux 6.1',
      login: secret('unknown field of an environment'),
      cpu: { model: 'EPYC 9654', count: 96, serial: secret('nested field of an environment') },
    },
    provenance: {
      product: { version: '0.1.0' },
      nodes: ['node-1'],
      registry: `https://${secret('user of a registry')}@registry.example`,
      server: {
        args: [
          '--api-key',
          secret('named argument of a server'),
          '--port',
          '8000',
          '--header',
          `X-Auth: ${secret('header argument of a server')}`,
          '--override',
          `{"key": "${secret('JSON argument of a server')}"}`,
          secret('positional argument of a server'),
          `--license=${secret('unnamed value of a server')}`,
        ],
        env: {
          HF_TOKEN: secret('token of an environment'),
          MY_SETTING: secret('unnamed variable of an environment'),
          DATABASE_URL: `postgres://u:${secret('URL of an environment')}@db/x`,
        },
        files: [{ path: 'config.yaml', content: `key: ${secret('file of a server')}` }],
      },
    },
  }),
  journal: [
    { at: '2026-03-01T00:00:00.000Z', type: 'sweep-started', resumed: false, pointsLeft: 3 },
    {
      at: '2026-03-01T00:00:01.000Z',
      type: 'engine-starting',
      sessionId,
      start: 1,
      argv: [
        '/opt/venv/bin/serve',
        '--model',
        modelWithSecret,
        '--admin-key',
        secret('key of a command line'),
        '-e',
        `LICENSE=${secret('variable of a command line')}`,
        secret('word of a command line'),
      ],
    },
    { at: '2026-03-01T00:01:00.000Z', type: 'engine-ready', sessionId, afterS: 59 },
    ...points.flatMap((point) => [
      {
        at: '2026-03-01T00:02:00.000Z',
        type: 'point-started',
        sessionId,
        pointId: pointId(point),
        attempt: 1,
      },
      point === lastPoint
        ? {
            at: '2026-03-01T00:03:00.000Z',
            type: 'point-failed',
            sessionId,
            pointId: pointId(point),
            failureClass: 'load-test',
            message: `401 from http://a:${secret('URL of a failure')}@h/v1: key ${secret('word of a failure')} is wrong`,
            logTail: log.join('\n'),
            willRetry: false,
          }
        : {
            at: '2026-03-01T00:03:00.000Z',
            type: 'point-finished',
            sessionId,
            pointId: pointId(point),
            resultFilename: pointId(point).replace(/_plan$/, ''),
            verdict: 'checked',
            outputThroughput: 1,
            medianTtftMs: 1,
            medianTpotMs: 1,
          },
    ]),
    { at: '2026-03-01T01:00:00.000Z', type: 'sweep-finished', finished: 2, failed: 1 },
  ],
};

// Secrets of raw results are created when these are written; do it here, so that each has its own test.
run.change({});

let served: ServedStore;
/** Everything that is shown of the run, by place. */
const shown = new Map<string, string>();

beforeAll(async () => {
  served = await ServedStore.create();
  const directory = join(served.folder, 'runs', run.sweepId);
  const logFolder = join(directory, 'sessions', sessionId.replaceAll('synthetic-', ''));
  await mkdir(logFolder, { recursive: true });
  await writeFile(join(logFolder, 'engine.log'), `${log.join('\n')}\n`);
  await served.ingestMeasured(run);

  for (const kind of documentKinds)
    for (const parts of await kind.all(served.knowledge))
      shown.set(pathOf(kind, parts), JSON.stringify(await kind.build(served.knowledge, parts)));

  const app = served.app();
  const { items } = await served.store.points({ sweepId: run.sweepId });
  const addresses = [
    'index',
    'points',
    'runs',
    'evals',
    'reliability',
    'hardware',
    'changelog',
    'search?q=dsr1',
    `runs/${run.sweepId}`,
    `points?run=${run.sweepId}`,
    'frontier?model=dsr1&isl=1024&osl=1024',
    'compare?a=run-20260114&b=run-20260301',
    ...items.map(({ id }) => `points/${id}`),
    ...items.map(({ configurationId }) => `history/${configurationId}`),
  ];
  for (const address of addresses) {
    const response = await app.request(`/api/v1/${address}`, { headers: { host: '127.0.0.1' } });
    shown.set(`/api/v1/${address}`, await response.text());
  }

  const site = join(served.folder, 'site');
  const web = join(served.folder, 'web');
  await mkdir(web);
  await writeFile(join(web, 'index.html'), '<html></html>');
  const publishing = await loadKnowledge(served.store, await checkedInConfigs(), new Date(run.at));
  await publish(publishing, { webFolder: web, folder: site, onProgress: () => {} });
  for (const entry of await readdir(site, { recursive: true, withFileTypes: true }))
    if (entry.isFile())
      shown.set(`site ${entry.name}`, await readFile(join(entry.parentPath, entry.name), 'utf8'));
  const report = join(served.folder, 'report.html');
  await writeReport(report, directory, {
    knowledgeOf: async (store) => await loadKnowledge(store, await checkedInConfigs()),
  });
  shown.set('report', await readFile(report, 'utf8'));
});
afterAll(async () => await served.remove());

test('the run is shown with its metrics, command, log and description', () => {
  expect(planted.size).toBeGreaterThan(30);
  expect(shown.get(`/api/v1/runs/${run.sweepId}`)).toContain('load-test');
  const pages = [...shown].filter(([path, text]) => path.startsWith('points/') && text.includes(run.sweepId));
  expect(pages).toHaveLength(points.length);
  const all = pages.map(([, text]) => text).join('\n');
  for (const part of [
    'registry.example/engine:v1',
    'hub.example/org/model',
    'EPYC 9654',
    '96',
    'MY_SETTING',
    '--admin-key',
    '/opt/venv/bin/serve',
    'INFO starting with HF_TOKEN=',
    'WARN license',
  ])
    expect(all).toContain(part);
});

describe('no document, response, published file or report has a planted secret', () => {
  test.each([...planted])('%s', (_, hiddenText) => {
    for (const [where, text] of shown) {
      const at = text.indexOf(hiddenText);
      expect(at < 0 ? '' : text.slice(Math.max(0, at - 60), at + 60), where).toBe('');
    }
  });

  test('a figure that is a password', () => {
    for (const [where, text] of shown) expect(text.includes('1234567890123'), where).toBe(false);
  });
});
