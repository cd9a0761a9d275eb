import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStore, type Store } from '../../src/store/index.ts';
import { PostgresServer, postgresPrograms } from '../../test/support/postgres.ts';
import { randomNumbers } from '../../test/support/synthetic-results.ts';
import { explainQueries } from './explain.ts';
import { writtenSweeps } from './generate.ts';
import { dashboardQueries } from './queries.ts';

/** Targets at a million points. */
const targets = { ingestS: 60, latestP95Ms: 20, anyMs: 100 };

/** How often a long ingest reports its progress. */
const progressMs = 15_000;

const { values } = parseArgs({
  options: {
    points: { type: 'string', multiple: true, default: ['10000', '100000', '1000000'] },
    /** Use PostgreSQL instead of SQLite: a server is started, with a database for each size. */
    postgres: { type: 'boolean', default: false },
    /** Where to store the query plans. */
    explain: { type: 'string' },
    /** A folder in which to leave the SQLite stores for other measurements. */
    keep: { type: 'string' },
    repeat: { type: 'string', default: '40' },
  },
});

const server = values.postgres ? await PostgresServer.start(postgresPrograms ?? '') : undefined;
const folder = await mkdtemp(join(tmpdir(), 'bench-store-'));
try {
  if (values.keep !== undefined) await mkdir(values.keep, { recursive: true });
  for (const text of values.points) {
    const points = Number(text);
    const location = (await server?.database()) ?? join(values.keep ?? folder, `${points}.sqlite`);
    const store = await openStore(location);
    try {
      await measure(store, points, location);
    } finally {
      await store.close();
    }
  }
} finally {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function measure(store: Store, points: number, location: string): Promise<void> {
  const { seconds, cpuS } = await ingested(store, points);
  const { bytes } = await store.stats();
  console.log(`\n${points.toLocaleString('en')} points, ${kind(location)}`);
  console.log(
    `  ingest ${seconds.toFixed(1)} s (${Math.round(points / seconds).toLocaleString('en')}/s; ${((1e6 * cpuS) / points).toFixed(0)} µs CPU a point)` +
      `${points === 1e6 ? verdict(seconds < targets.ingestS, `below ${targets.ingestS} s`) : ''}, ${(bytes / 1e6).toFixed(0)} MB, ${Math.round(bytes / points)} bytes a point`,
  );
  const random = randomNumbers(1);
  const queries = await dashboardQueries(store, random);
  for (const { name, run } of queries) {
    const times: number[] = [];
    let rows = 0;
    const before = process.cpuUsage();
    for (let round = 0; round < Number(values.repeat); round++) {
      const began = performance.now();
      rows = await run();
      times.push(performance.now() - began);
    }
    const used = process.cpuUsage(before);
    const cpuMs = (used.user + used.system) / 1000 / times.length;
    times.sort((a, b) => a - b);
    const at = (share: number): number =>
      times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
    const limit = name.startsWith('latest') ? targets.latestP95Ms : targets.anyMs;
    console.log(
      `  ${name.padEnd(44)} ${String(rows).padStart(6)} rows  p50 ${at(0.5).toFixed(1).padStart(7)}  p95 ${at(0.95).toFixed(1).padStart(7)}  CPU ${cpuMs.toFixed(1).padStart(6)} ms` +
        `${points === 1e6 ? verdict(at(0.95) < limit, `below ${limit} ms`) : ''}`,
    );
  }
  if (values.explain !== undefined) await explainQueries(location, values.explain, points);
}

/** Ingests one sweep after the other, and returns the time without writing the files. */
async function ingested(store: Store, points: number): Promise<{ seconds: number; cpuS: number }> {
  let [added, seconds, cpuS] = [0, 0, 0];
  const startMs = performance.now();
  let saidMs = startMs;
  for await (const file of writtenSweeps(folder, points)) {
    const [cpu, from] = [process.cpuUsage(), performance.now()];
    const outcome = await store.ingest(file);
    const { user, system } = process.cpuUsage(cpu);
    seconds += (performance.now() - from) / 1000;
    cpuS += (user + system) / 1e6;
    added += outcome.added;
    if (outcome.quarantined.length > 0)
      throw new Error(`${outcome.quarantined.length} rows were quarantined`);
    if (performance.now() - saidMs < progressMs) continue;
    saidMs = performance.now();
    console.error(
      `  ${added.toLocaleString('en')} of ${points.toLocaleString('en')} points after ${((saidMs - startMs) / 1000).toFixed(0)} s`,
    );
  }
  if (added !== points) throw new Error(`${added} of ${points} were added`);
  return { seconds, cpuS };
}

function kind(location: string): string {
  return location.startsWith('postgres') ? 'PostgreSQL' : 'SQLite';
}

function verdict(met: boolean, target: string): string {
  return met ? `  ok (${target})` : `  MISSED (${target})`;
}
