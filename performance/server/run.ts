/**
 * Measures the time of every document and query over a store, both computed and from the server's memory:
 *
 *   node performance/server/run.ts <store> [rounds]
 *
 * `performance/store --keep FOLDER` creates stores of any size.
 */

import { documentKinds, pathOf } from '../../src/server/documents/index.ts';
import { createApp, hostGuard, loadKnowledge } from '../../src/server/index.ts';
import { openStore } from '../../src/store/index.ts';
import { checkedInConfigs } from '../../test/support/served-store.ts';

const [location, rounds = '20'] = process.argv.slice(2);
if (location === undefined) throw new Error('name a store');
const store = await openStore(location);
const knowledge = await loadKnowledge(store, await checkedInConfigs());
const limit = { burst: Number.MAX_SAFE_INTEGER, perSecond: 1e9 };
const newApp = () =>
  createApp({
    knowledge,
    files: new Map(),
    allowsHost: hostGuard('127.0.0.1', []),
    readLimit: limit,
    writeLimit: limit,
    onError: (request, error) => {
      throw new Error(request, { cause: error });
    },
  });

const { points: rows } = await store.counts();
const [latest] = (await store.points({}, { limit: 1 })).items;
const [shape] = await store.shapes();
if (latest === undefined || shape === undefined) throw new Error('the store is empty');
const { modelPrefix: model, isl, osl } = shape;
const of = `model=${model}&isl=${isl}&osl=${osl}`;
const addresses = [
  `/api/v1/frontier?${of}`,
  `/api/v1/best?${of}&interactivity=50`,
  `/api/v1/points?${of}&hw=${latest.row.hw}`,
  '/api/v1/points',
  `/api/v1/history/${latest.configurationId}`,
  '/api/v1/runs',
  '/api/v1/search?q=llama+b200',
  '/api/v1/evals',
];
for (const kind of documentKinds) {
  const [first] = await firstParts(kind);
  if (first !== undefined) addresses.push(`/data/${pathOf(kind, first)}.json`);
}

async function firstParts(kind: (typeof documentKinds)[number]) {
  // Computing all points of a large store would take too long, so one is enough.
  if (kind.path === 'points/{id}') return [{ id: latest?.id ?? '' }];
  return await kind.all(knowledge);
}

console.log(`${rows} published measurements, ${rounds} rounds; milliseconds\n`);
console.log('| address | made p50 | made p95 | kept p95 | kB | kB br |\n|--|--|--|--|--|--|');
for (const address of addresses) {
  const made: number[] = [];
  const kept: number[] = [];
  for (let round = 0; round < Number(rounds); round++) {
    const app = newApp();
    made.push((await ask(app, address, 'identity')).ms);
    kept.push((await ask(app, address, 'identity')).ms);
  }
  const { bytes } = await ask(newApp(), address, 'identity');
  const { bytes: compressed } = await ask(newApp(), address, 'br');
  const shown = [
    quantile(made, 0.5),
    quantile(made, 0.95),
    quantile(kept, 0.95),
    bytes / 1000,
    compressed / 1000,
  ];
  console.log(
    `| ${address.replace(/[0-9a-f]{40,}/, '…')} | ${shown.map((value) => value.toFixed(1)).join(' | ')} |`,
  );
}
await store.close();

async function ask(app: ReturnType<typeof newApp>, address: string, coding: string) {
  const startMs = performance.now();
  const response = await app.request(address, { headers: { host: '127.0.0.1', 'accept-encoding': coding } });
  const { byteLength: bytes } = await response.arrayBuffer();
  return { ms: performance.now() - startMs, bytes };
}

function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? Number.NaN;
}
