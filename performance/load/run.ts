import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { availableClients, compiledOurs, reasonOf } from './clients.ts';
import { timeToFirstRequestMs } from './first-request.ts';
import { buildMock, type Pace, startMock } from './mock-server.ts';
import { picture } from './picture.ts';
import { judge, type MeasuredClient, table } from './targets.ts';

interface Scenario {
  readonly pace: Pace;
  readonly streams: number;
  readonly requests: number;
  /** Requests of each conversation; without it, requests are independent. */
  readonly turns?: number;
  /** Run only with our client. */
  readonly onlyOurs?: true;
}

const paced = { ttftMs: 50, itlMs: 10, tokens: 128, coalesce: 1 };
const scenarios: Readonly<Record<string, Scenario>> = {
  unthrottled: { pace: { ttftMs: 0, itlMs: 0, tokens: 128, coalesce: 16 }, streams: 64, requests: 20_000 },
  'paced 256': { pace: paced, streams: 256, requests: 2560 },
  'paced 1024': { pace: paced, streams: 1024, requests: 10_240 },
  'conversations 1024': { pace: paced, streams: 1024, requests: 4096, turns: 4 },
  '10240 streams': {
    pace: { ttftMs: 500, itlMs: 500, tokens: 16, coalesce: 1 },
    streams: 10_240,
    requests: 20_480,
    onlyOurs: true,
  },
};
/** Target for the time from process start to the first request, with this many streams. */
const startStreams = 1024;
const mostStartMs = 300;

const { values } = parseArgs({
  options: {
    mock: { type: 'string', default: resolve(import.meta.dirname, '../../../shared/mock-server') },
    only: { type: 'string', multiple: true },
    clients: { type: 'string', multiple: true },
    output: { type: 'string', default: resolve(import.meta.dirname, '../../.inferencemax/bench-load') },
  },
});
const cacheDir = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'inferencemax', 'bench-load');

if (!existsSync(values.mock)) {
  process.stderr.write(`skipped: there is no mock server at ${values.mock} (--mock FOLDER)\n`);
} else {
  await main(await buildMock(values.mock, cacheDir));
}

async function main(mock: string): Promise<void> {
  const notRun = new Map<string, string>();
  const clients = await availableClients(
    cacheDir,
    (name) => values.clients?.includes(name) ?? true,
    (name, reason) => notRun.set(name, reason),
  );
  const results = new Map<string, Map<string, MeasuredClient>>();
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (values.only !== undefined && !values.only.includes(name)) continue;
    const { pace, streams, requests } = scenario;
    const measured = new Map<string, MeasuredClient>();
    const failures = new Map<string, string>();
    results.set(name, measured);
    for (const client of clients) {
      if (scenario.onlyOurs === true && client.name !== 'ours') continue;
      await using server = await startMock(mock, pace);
      const idealRate =
        pace.itlMs === 0 ? undefined : (1000 * streams) / (pace.ttftMs + pace.itlMs * (pace.tokens - 1));
      const load = {
        streams,
        requests: client.isSlow === true && idealRate === undefined ? requests / 10 : requests,
        tokens: pace.tokens,
        turns: scenario.turns ?? 1,
        allCores: scenario.onlyOurs === true,
      };
      try {
        const report = await client.measure(server.url, load);
        measured.set(client.name, { report, truth: await server.truth(), idealRate });
      } catch (error) {
        failures.set(client.name, reasonOf(error));
      }
    }
    process.stdout.write(`\n${name}\n${table(measured)}\n`);
    for (const [client, reason] of [...notRun, ...failures]) {
      process.stdout.write(`${client.padEnd(10)}  not run: ${reason}\n`);
    }
    const verdict = measured.get('ours')?.report.verdict;
    if (verdict !== undefined) process.stdout.write(`our verdict: ${verdict}\n`);
  }
  const startMs = await timeToFirstRequestMs(await compiledOurs(cacheDir), startStreams);
  process.stdout.write(`\n${judge(results).join('\n')}\n`);
  process.stdout.write(
    `${startMs <= mostStartMs ? 'pass   ' : 'MISS   '}  start to first request at ${startStreams} ≤ ${mostStartMs} ms: ${startMs.toFixed(0)}\n`,
  );
  await mkdir(values.output, { recursive: true });
  await writeFile(join(values.output, 'load.svg'), picture(results));
  await writeFile(
    join(values.output, 'load.json'),
    `${JSON.stringify(Object.fromEntries([...results].map(([name, measured]) => [name, Object.fromEntries(measured)])), null, 2)}\n`,
  );
  process.stdout.write(`written: ${values.output}\n`);
}
