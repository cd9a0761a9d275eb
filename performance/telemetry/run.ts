/**
 * Measures how much telemetry slows the measurement next to it: runs the load generator against the built-in mock
 * engine, alternately with and without telemetry. `node performance/telemetry/run.ts [concurrency] [rounds]`
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runLoadTest } from '../../src/load/index.ts';
import { startMockProcess } from '../../src/load/mock/process.ts';
import { type Telemetry, watchTelemetry } from '../../src/telemetry/index.ts';

const concurrency = Number(process.argv[2] ?? 64);
const rounds = Number(process.argv[3] ?? 4);
const outputLen = 256;

/** A fake tool that takes as long as the real one with eight GPUs (60 ms, half of it CPU time). */
const folder = await mkdtemp(join(tmpdir(), 'telemetry-bench-'));
const tool = join(folder, 'nvidia-smi');
const rows = Array.from({ length: 8 }, (_, gpu) => `${gpu}, 650.0, 97, 70000, 1980, 60`).join('\\n');
await writeFile(
  tool,
  `#!/bin/sh\ni=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.03; printf '${rows}\\n'\n`,
);
await chmod(tool, 0o755);
process.env.PATH = `${folder}${delimiter}${process.env.PATH}`;

await using mock = await startMockProcess({ ttftMs: 50, itlMs: 10, tokensPerEvent: 1, eventsPerWrite: 1 });
const measure = () =>
  runLoadTest(
    {
      baseUrl: mock.baseUrl,
      backend: 'openai',
      model: 'mock',
      tokenizerId: 'mock',
      dataset: { kind: 'random', inputLen: 128, outputLen, rangeRatio: 1 },
      numPrompts: 3 * concurrency,
      maxConcurrency: concurrency,
      requestRate: Number.POSITIVE_INFINITY,
      burstiness: 1,
      seed: 0,
      ignoreEos: true,
      useChatTemplate: false,
      warmupRequests: concurrency,
      stallTimeoutS: 30,
      connectTimeoutS: 10,
      percentiles: [99],
    },
    { signal: AbortSignal.timeout(120_000) },
  );
type Result = Awaited<ReturnType<typeof measure>>;

const without: Result[] = [];
const beside: (Result & { readonly telemetry: Telemetry })[] = [];
for (let round = 0; round < rounds; round++) {
  without.push(await measure());
  const watch = watchTelemetry();
  const result = await measure();
  beside.push({ ...result, telemetry: await watch.over(result) });
}
await rm(folder, { recursive: true, force: true });

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const figures: readonly [string, (result: Result) => number][] = [
  ['TPOT p50, ms', (result) => result.median_tpot_ms ?? Number.NaN],
  ['TPOT p99, ms', (result) => result.p99_tpot_ms ?? Number.NaN],
  ['chunk gap p99, ms', (result) => result.chunk_gap.p99_ms ?? Number.NaN],
  ['output tok/s', (result) => result.output_throughput ?? Number.NaN],
  ['client CPU share', (result) => result.fidelity.client_cpu_share],
];
console.log(`${concurrency} streams, ${rounds} rounds in turns: median without, with, ratio`);
for (const [name, of] of figures) {
  const [a, b] = [median(without.map(of)), median(beside.map(of))];
  console.log(
    `${name.padEnd(20)}${a.toFixed(3).padStart(12)}${b.toFixed(3).padStart(12)}${(b / a).toFixed(3).padStart(8)}`,
  );
}
for (const [source, cost] of Object.entries(beside[0]?.telemetry.sampling ?? {}))
  console.log(
    `${source}: ${cost.samples} readings of ${cost.mean_ms} ms, ${(100 * cost.share).toFixed(2)} % of the window`,
  );
