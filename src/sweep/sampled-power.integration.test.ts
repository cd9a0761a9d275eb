import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DcgmExporter } from '../../test/support/dcgm-exporter.ts';
import { addPower, addPowerOfNodes, benchmarkResult, writeSampledPower } from '../results/index.ts';
import { parseAggregateRow } from '../results/read-rows.ts';
import { metricsAt, watchTelemetry } from '../telemetry/index.ts';
import { usedGpus } from './used-gpus.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const scrapes = { intervalS: 0.02, timeoutS: 0.25 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sampled-power-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const worker = (role: 'prefill' | 'decode') => ({
  role,
  count: 1,
  nodesPerWorker: 1,
  acceleratorsPerWorker: 2,
  args: [],
  env: {},
  files: [],
});
const shared = { args: [], env: {}, files: [] };
const server = {
  ...shared,
  acceleratorCount: 4,
  disaggregated: { workers: [worker('prefill'), worker('decode')], frontends: 1 },
};

const identity = {
  hw: 'h100',
  framework: 'sglang-disagg',
  precision: 'fp8',
  spec_decoding: 'none',
  model: 'org/m',
  infmax_model_prefix: 'm',
  image: 'image',
  conc: 4,
  isl: 100,
  osl: 10,
  disagg: true,
  tput_per_gpu: 1,
  output_tput_per_gpu: 1,
  input_tput_per_gpu: 1,
};
const role = (name: string) => ({
  [`${name}_tp`]: 2,
  [`${name}_ep`]: 1,
  [`${name}_dp_attention`]: 'false',
  [`${name}_num_workers`]: 1,
  [`num_${name}_gpu`]: 2,
});
const nodesRow = parseAggregateRow({
  ...identity,
  is_multinode: true,
  ...role('prefill'),
  ...role('decode'),
});

/** Samples the exporters while `during` runs, which is the benchmark, and writes its power. */
async function sampled(exporters: readonly DcgmExporter[], during: () => Promise<void>) {
  const watch = watchTelemetry({
    host: undefined,
    exporters: exporters.map(({ hostname, url }) => ({ node: hostname, place: metricsAt(url) })),
    scrapes,
  });
  await Promise.all(exporters.map((one) => one.scrapedAgain(2)));
  const startS = Date.now() / 1000;
  await during();
  const endS = Date.now() / 1000;
  const raw = {
    max_concurrency: 4,
    benchmark_start_time_unix: startS,
    benchmark_end_time_unix: endS,
    started_at: startS,
    duration: endS - startS,
    completed: 10,
    total_input_tokens: 1000,
    total_output_tokens: 100,
    output_throughput: 1,
    total_token_throughput: 1,
  };
  const telemetry = await watch.over(raw);
  const exported = await watch.exported();
  if (exported === undefined) throw new Error('nothing was exported');
  const names = exporters.map(({ hostname }) => hostname);
  const power = { ...exported, gpus: usedGpus(server, names), producerCommit: commit };
  const written = await writeSampledPower({ folder, name: 'result', raw, row: nodesRow }, power);
  return { raw, telemetry, exported, written, seconds: endS - startS };
}

async function start() {
  return [await DcgmExporter.start('node-p', [400, 420]), await DcgmExporter.start('node-d', [300, 310])];
}

async function auditOf(): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, 'power/result/power_validation_result.json'), 'utf8'));
}

const some = async (exporters: readonly DcgmExporter[]) =>
  await Promise.all(exporters.map((one) => one.scrapedAgain(4)));

describe('exporters of several nodes are sampled over the measured window', () => {
  test('power per role, in files that `results power` reads with the same result', async () => {
    const exporters = await start();
    const { written, raw, telemetry, seconds } = await sampled(
      exporters,
      async () => void (await some(exporters)),
    );
    for (const exporter of exporters) await exporter.stop();
    expect(written).toMatchObject({ valid: true, reasons: [], details: [] });
    expect(written.row).toMatchObject({
      power_valid: 1,
      avg_power_w: 357.5,
      avg_total_gpu_power_w: 1430,
      prefill_avg_power_w: 410,
      decode_avg_power_w: 305,
    });
    expect(written.row.joules_per_output_token).toBeCloseTo((1430 * seconds) / 100, 4);
    expect(written.row.prefill_joules_per_input_token).toBeCloseTo((820 * seconds) / 1000, 4);
    expect(telemetry.power).toMatchObject({ source: 'dcgm-exporter', of: 'accelerators', mean_w: 1430 });
    expect(telemetry.accelerators).toMatchObject({ count: 4, clock_mhz: { mean: 1980 } });
    expect((await readdir(join(folder, 'power/result'))).toSorted()).toEqual([
      'manifest.json',
      'power_validation_result.json',
      'samples.csv',
      'windows',
    ]);
    // As a user would, from the files alone.
    await mkdir(join(folder, 'raw'));
    const [bench, aggResult] = [join(folder, 'raw/result.json'), join(folder, 'agg.json')];
    await writeFile(bench, JSON.stringify(raw));
    await writeFile(aggResult, JSON.stringify(nodesRow));
    const again = await addPowerOfNodes({
      result: await benchmarkResult(bench),
      aggResult,
      powerDir: join(folder, 'power/result'),
      logsRoot: folder,
      gpus: { prefill: 2, decode: 2 },
      expectedCommit: commit,
    });
    expect(again.audit).toMatchObject({ power_valid: true, failures: [] });
    expect(again.row).toEqual(JSON.parse(JSON.stringify(written.row)));
  });

  test('a scrape that fails in between is only a longer gap', async () => {
    const exporters = await start();
    const { written, exported } = await sampled(exporters, async () => {
      const [first] = exporters;
      if (first === undefined) throw new Error('no exporter');
      for (const answer of ['an error', 'not a text of metrics', 'nothing', 'text'] as const) {
        first.answer = answer;
        await first.scrapedAgain(2);
      }
      await some(exporters);
    });
    for (const exporter of exporters) await exporter.stop();
    expect(written).toMatchObject({ valid: true, row: { power_valid: 1, avg_total_gpu_power_w: 1430 } });
    expect(exported.troubles).toEqual([expect.stringContaining('exporter of node-p: ')]);
  });

  test('a reset of the energy counter does not change the power', async () => {
    const exporters = await start();
    const { telemetry, written } = await sampled(exporters, async () => {
      await some(exporters);
      for (const gpu of exporters.flatMap(({ gpus }) => gpus)) gpu.energyJ = 0;
      await some(exporters);
    });
    for (const exporter of exporters) await exporter.stop();
    expect(written.valid).toBe(true);
    expect(telemetry.power).toMatchObject({ mean_w: 1430 });
  });

  test.each<[string, (exporters: readonly DcgmExporter[]) => Promise<void>, RegExp, string[]]>([
    [
      'a node that dies in the middle',
      async ([, second]) => await second?.stop(),
      /measurement_window_not_bracketed/,
      ['exporter of node-d: '],
    ],
    [
      'an exporter that stops answering',
      async ([first]) => {
        if (first !== undefined) first.answer = 'nothing';
        await first?.scrapedAgain(1);
      },
      /measurement_window_not_bracketed/,
      ['exporter of node-p: '],
    ],
    [
      'a GPU that falls off the bus',
      async ([first]) => void first?.gpus.pop(),
      /measurement_window_not_bracketed/,
      [],
    ],
    [
      'a GPU that was replaced',
      async ([first]) => {
        first?.gpus.splice(1, 1, { uuid: 'GPU-new', powerW: 1, energyJ: 0 });
        await first?.scrapedAgain(2);
      },
      /gpu_uuid_changed/,
      [],
    ],
    [
      'a GPU that the engine does not use',
      async ([first]) => {
        first?.gpus.push({ uuid: 'GPU-more', powerW: 1, energyJ: 0 });
        await first?.scrapedAgain(2);
      },
      /unexpected_device/,
      [],
    ],
  ])('%s makes the power invalid', async (_, fault, failure, details) => {
    const exporters = await start();
    const { written } = await sampled(exporters, async () => {
      await some(exporters);
      await fault(exporters);
      await some(exporters.filter(({ answer }, index) => answer === 'text' && index === 0));
    });
    for (const exporter of exporters) await exporter.stop();
    expect(written).toMatchObject({ valid: false, reasons: ['package_recompute_invalid'] });
    expect(written.row).toMatchObject({ power_valid: 0 });
    expect(written.row.avg_power_w).toBeUndefined();
    expect(await auditOf()).toMatchObject({
      failures: expect.arrayContaining([expect.stringMatching(failure)]),
    });
    expect(written.details).toEqual(details.map((text) => expect.stringContaining(text)));
  });

  test('exporters that never answer make the power invalid', async () => {
    const exporters = await start();
    for (const exporter of exporters) exporter.answer = 'an error';
    const { written, telemetry } = await sampled(exporters, async () => void (await some(exporters)));
    for (const exporter of exporters) await exporter.stop();
    expect(written).toMatchObject({ valid: false, row: { power_valid: 0 } });
    expect(written.details).toHaveLength(2);
    expect(telemetry.power).toMatchObject({ state: 'unavailable' });
  });
});

test('the exporter of one node gives a table of samples', async () => {
  await using exporter = await DcgmExporter.start('node-a', [500, 510]);
  const { raw, exported } = await sampled([exporter], async () => void (await some([exporter])));
  const { is_multinode: _, ...fields } = { ...nodesRow, ...identity };
  const row = parseAggregateRow({
    ...Object.fromEntries(
      Object.entries(fields).filter(([name]) => !/prefill|decode/.test(name) || name === 'spec_decoding'),
    ),
    is_multinode: false,
    disagg: false,
    tp: 2,
    ep: 1,
    dp_attention: 'false',
  });
  const gpus = usedGpus({ ...shared, acceleratorCount: 2 }, ['node-a']);
  const written = await writeSampledPower(
    { folder, name: 'one', raw, row },
    { ...exported, gpus, producerCommit: commit },
  );
  expect(written).toMatchObject({ valid: true, row: { power_valid: 1, avg_power_w: 505 } });
  const [bench, aggResult] = [join(folder, 'one.json'), join(folder, 'agg.json')];
  await writeFile(bench, JSON.stringify(raw));
  await writeFile(aggResult, JSON.stringify(row));
  const again = await addPower({
    result: await benchmarkResult(bench),
    aggResult,
    csv: join(folder, 'power/one/gpu_metrics.csv'),
    expectedGpus: 2,
  });
  expect(again.row).toEqual(JSON.parse(JSON.stringify(written.row)));
});
