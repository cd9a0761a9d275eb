import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Host, nodeBeyond, thisMachine } from '../hosts/index.ts';
import { environmentOf, environmentSchema, type TelemetryOptions, watchTelemetry } from './index.ts';
import { metricsAt } from './server/metrics-place.ts';
import type { SampledTarget } from './source.ts';
import { telemetrySources } from './sources/list.ts';

let folder: string;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telemetry-'));
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

const timeoutMs = 10_000;

/** How the source of the given name reads this machine, or the given target. */
function reading(name: string, target: Partial<SampledTarget> = {}) {
  const read = telemetrySources
    .find((source) => source.name === name)
    ?.open({ host: thisMachine, ...target });
  if (read === undefined) throw new Error(`no source ${name}`);
  return async () => await read(timeoutMs);
}

/** Creates a program with this name that records its arguments and runs the given shell lines. */
async function standIn(name: string, ...lines: string[]): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\necho "$*" >> ${join(folder, `${name}.calls`)}\n${lines.join('\n')}\n`);
  await chmod(path, 0o755);
}
const prints = (text: string) => `cat <<'END'\n${text}\nEND`;

async function metricsServer(text: () => string): Promise<string> {
  server = createServer((_, response) => response.end(text())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/metrics`;
}

test('nvidia-smi: reads every GPU, and leaves out values that a GPU lacks', async () => {
  await standIn('nvidia-smi', prints('0, 697.52, 98, 73124, 1980, 64\n1, [N/A], 3, 512, 1980, 41'));
  expect(await reading('nvidia-smi')()).toEqual([
    { quantity: 'powerW', device: 'gpu0', value: 697.52 },
    { quantity: 'utilization', device: 'gpu0', value: 0.98 },
    { quantity: 'memoryUsedBytes', device: 'gpu0', value: 73_124 * 1024 ** 2 },
    { quantity: 'clockMhz', device: 'gpu0', value: 1980 },
    { quantity: 'temperatureC', device: 'gpu0', value: 64 },
    { quantity: 'utilization', device: 'gpu1', value: 0.03 },
    { quantity: 'memoryUsedBytes', device: 'gpu1', value: 512 * 1024 ** 2 },
    { quantity: 'clockMhz', device: 'gpu1', value: 1980 },
    { quantity: 'temperatureC', device: 'gpu1', value: 41 },
  ]);
  expect(await readFile(join(folder, 'nvidia-smi.calls'), 'utf8')).toBe(
    '--query-gpu=index,power.draw,utilization.gpu,memory.used,clocks.sm,temperature.gpu,enforced.power.limit,clocks_event_reasons.active --format=csv,noheader,nounits\n',
  );
});

test.each([
  ['a list, after a warning', (gpus: string) => `WARNING: user is not in group render\n${gpus}`],
  ['an object with the list', (gpus: string) => `{"gpu_data": ${gpus}}`],
])('amd-smi: %s', async (_, wrap) => {
  const gpus = JSON.stringify([
    {
      gpu: 0,
      usage: { gfx_activity: { value: 97, unit: '%' }, umc_activity: 'N/A' },
      power: { socket_power: { value: 742, unit: 'W' }, gfx_voltage: 'N/A' },
      clock: { gfx_0: { clk: { value: 2100, unit: 'MHz' } } },
      temperature: { edge: 'N/A', hotspot: { value: 71, unit: 'C' } },
      mem_usage: { used_vram: { value: 180_000, unit: 'MB' } },
    },
    { gpu: 1, usage: 'N/A', power: { socket_power: 'N/A', average_socket_power: 130 } },
  ]);
  await standIn('amd-smi', prints(wrap(gpus)));
  expect(await reading('amd-smi')()).toEqual([
    { quantity: 'powerW', device: 'gpu0', value: 742 },
    { quantity: 'utilization', device: 'gpu0', value: 0.97 },
    { quantity: 'memoryUsedBytes', device: 'gpu0', value: 180_000 * 1024 ** 2 },
    { quantity: 'clockMhz', device: 'gpu0', value: 2100 },
    { quantity: 'temperatureC', device: 'gpu0', value: 71 },
    { quantity: 'powerW', device: 'gpu1', value: 130 },
  ]);
});

test('rocm-smi: reads cards by number, and ignores other entries', async () => {
  const card = {
    'Temperature (Sensor junction) (C)': '55.0',
    'sclk clock speed:': '(2104Mhz)',
    'Current Socket Graphics Package Power (W)': '612.0',
    'GPU use (%)': '100',
    'VRAM Total Used Memory (B)': '150000000000',
  };
  const json = JSON.stringify({ card3: card, system: { 'Driver version': '6.8.5' } });
  await standIn('rocm-smi', prints(`WARNING: AMD GPU device(s) is/are in a low-power state.\n\n${json}`));
  expect(await reading('rocm-smi')()).toEqual([
    { quantity: 'powerW', device: 'gpu3', value: 612 },
    { quantity: 'utilization', device: 'gpu3', value: 1 },
    { quantity: 'memoryUsedBytes', device: 'gpu3', value: 150e9 },
    { quantity: 'clockMhz', device: 'gpu3', value: 2104 },
    { quantity: 'temperatureC', device: 'gpu3', value: 55 },
  ]);
});

test('rapl: reads packages, but not their parts, the platform, or duplicates', async () => {
  const files: Record<string, string> = {
    'intel-rapl:0/name': 'package-0\n',
    'intel-rapl:0/energy_uj': '123456789\n',
    'intel-rapl:1/name': 'package-1\n',
    'intel-rapl:1/energy_uj': '5000000\n',
    'intel-rapl:2/name': 'psys\n',
    'intel-rapl:2/energy_uj': '900000000\n',
  };
  const host: Host = {
    ...thisMachine,
    list: async () => [
      'intel-rapl',
      'intel-rapl:0',
      'intel-rapl:0:0',
      'intel-rapl:1',
      'intel-rapl:2',
      'intel-rapl-mmio:0',
    ],
    readFile: async (path: string) => files[path.replace('/sys/class/powercap/', '')] ?? '',
  };
  expect(await reading('rapl', { host })()).toEqual([
    { quantity: 'energyJ', device: 'package-0', value: 123.456789 },
    { quantity: 'energyJ', device: 'package-1', value: 5 },
  ]);
});

test.runIf(process.platform === 'linux')('proc: reads this machine, busy between two readings', async () => {
  const read = reading('proc');
  const first = await read();
  expect(first.map(({ quantity }) => quantity)).toEqual(['memoryUsedBytes', 'runnableTasks']);
  for (const end = performance.now() + 200; performance.now() < end; );
  const [utilization, memory, tasks] = await read();
  expect(tasks?.value).toBeGreaterThanOrEqual(0);
  expect(utilization).toMatchObject({ quantity: 'utilization', device: 'host' });
  expect(utilization?.value).toBeGreaterThan(0);
  expect(utilization?.value).toBeLessThanOrEqual(1);
  expect(memory?.value).toBeGreaterThan(1e6);
});

test('engine metrics: sums all label sets of its names, and ignores longer names', async () => {
  const url = await metricsServer(
    () => `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="a \\"quoted\\" } name"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 4.0
vllm:num_requests_waiting{engine="0",model_name="m"} 0.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="m",reason="capacity"} 9.0
vllm:kv_cache_usage_perc{engine="0"} 0.25
vllm:kv_cache_usage_perc{engine="1"} 0.75
vllm:num_preemptions_total{engine="0"} 2.0 1768386000000
vllm:prompt_tokens_total 1.5e+06
vllm:generation_tokens_total NaN
`,
  );
  const { vllm } = await import('../engines/vllm.ts');
  const read = reading('engine', { metrics: { places: [metricsAt(url)], names: vllm.metrics?.names ?? {} } });
  expect(await read()).toEqual([
    { quantity: 'running', device: 'engine', value: 7 },
    { quantity: 'waiting', device: 'engine', value: 0 },
    { quantity: 'kvCacheUsage', device: 'engine', value: 0.75 },
    { quantity: 'promptTokens', device: 'engine', value: 1.5e6 },
    { quantity: 'preemptions', device: 'engine', value: 2 },
  ]);
});

test('endless metrics are cut off at the size limit, before the timeout', async () => {
  const line = Buffer.from('busy{engine="0"} 1\n'.repeat(10_000));
  let sent = 0;
  server = createServer((_, response) => {
    const send = () => {
      while (!response.destroyed) {
        sent += line.length;
        if (!response.write(line)) return;
      }
    };
    response.on('drain', send);
    send();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}/metrics`;
  await expect(
    reading('engine', { metrics: { places: [metricsAt(url)], names: { running: 'busy' } } })(),
  ).rejects.toThrow(`the response of ${url} is longer than 32 MiB, which is the limit`);
  expect(sent).toBeLessThan(96 * 1024 * 1024);
});

/** A measurement that takes the given time and returns its window. */
async function measurement(durationMs: number) {
  const started_at = Date.now() / 1000;
  await delay(durationMs);
  const duration = Date.now() / 1000 - started_at;
  return {
    started_at,
    duration,
    total_input_tokens: 600,
    total_output_tokens: 400,
    output_throughput: 400 / duration,
    total_token_throughput: 1000 / duration,
  };
}

async function withTelemetry(durationMs: number, options: TelemetryOptions = {}) {
  const watch = watchTelemetry(options);
  const result = await measurement(durationMs);
  return { ...result, telemetry: await watch.over(result) };
}

test("a measurement with telemetry: GPU power from the vendor tool and the engine's own figures, within the window", async () => {
  await standIn('nvidia-smi', prints('0, 500.0, 90, 1000, 1900, 60'));
  let generated = 0;
  const url = await metricsServer(() => {
    generated += 100;
    return `gen_total ${generated}\nbusy 5\n`;
  });
  const { telemetry, ...result } = await withTelemetry(2_500, {
    metrics: { places: [metricsAt(url)], names: { generationTokens: 'gen_total', running: 'busy' } },
  });
  expect(telemetry.window_s).toBeCloseTo(result.duration, 3);
  expect(telemetry.power).toMatchObject({ state: 'measured', source: 'nvidia-smi', mean_w: 500 });
  if (telemetry.power.state !== 'measured') throw new Error('no power');
  expect(telemetry.power.energy_j / (500 * result.duration)).toBeCloseTo(1, 2);
  expect(telemetry.engine).toMatchObject({ running: { mean: 5, p50: 5, max: 5 } });
  expect(telemetry.engine?.generation_throughput).toBeGreaterThan(0);
  expect(telemetry.sampling['nvidia-smi']?.samples).toBeGreaterThanOrEqual(3);
  expect(telemetry.troubles['amd-smi']).toBe('amd-smi not found');
});

test('if nothing can be read, the measurement succeeds and the result names what is missing', async () => {
  vi.stubEnv('PATH', folder);
  const { telemetry } = await withTelemetry(300, {
    metrics: { places: [metricsAt('http://127.0.0.1:1/metrics')], names: { running: 'x' } },
  });
  expect(telemetry.power.state).toBe('unavailable');
  expect(telemetry.engine).toBeUndefined();
  expect(Object.keys(telemetry.troubles)).toEqual(
    expect.arrayContaining(['nvidia-smi', 'amd-smi', 'rocm-smi', 'engine']),
  );
});

test('a tool that hangs delays nothing beyond its timeout, and is killed', async () => {
  // Longer than the timeout of a test.
  await standIn('nvidia-smi', 'exec sleep 600');
  const { telemetry } = await withTelemetry(200);
  expect(telemetry.troubles['nvidia-smi']).toBe('nvidia-smi did not answer in time');
});

test("a remote target is read there: programs and files with the launcher's command, the engine by its address", async () => {
  const url = await metricsServer(() => 'busy 5\n');
  await standIn('on-node', 'shift; exec "$@"');
  await standIn('nvidia-smi', prints('0, 500.0, 90, 1000, 1900, 60'));
  const host = nodeBeyond(thisMachine, ['on-node', 'node-7']);
  const { telemetry } = await withTelemetry(500, {
    host,
    metrics: { places: [metricsAt(url)], names: { running: 'busy' } },
  });
  expect(telemetry.power).toMatchObject({ state: 'measured', mean_w: 500 });
  expect(telemetry.engine).toMatchObject({ running: { mean: 5 } });
  const calls = await readFile(join(folder, 'on-node.calls'), 'utf8');
  expect(calls).toContain('node-7 nvidia-smi --query-gpu=');
  expect(calls).toContain('node-7 cat /proc/stat');
  expect(calls).not.toContain(url);
});

test('the environment: hardware of the node, without unknown parts', async () => {
  await standIn(
    'nvidia-smi',
    prints('0, NVIDIA H200, 143771, 570.124.06\n1, NVIDIA H200, 143771, 570.124.06'),
  );
  const environment = await environmentOf(thisMachine);
  expect(environmentSchema.parse(environment)).toEqual(environment);
  expect(environment).toMatchObject({
    cpu: { count: expect.any(Number) },
    memory_bytes: expect.any(Number),
    kernel: expect.stringMatching(/^\d+\./),
    accelerators: {
      vendor: 'nvidia',
      driver: '570.124.06',
      devices: [{ name: 'NVIDIA H200' }, { name: 'NVIDIA H200' }],
    },
  });
  vi.stubEnv('PATH', '/nowhere');
  expect((await environmentOf(thisMachine)).accelerators).toBeUndefined();
});

const twoOf = (name: string, memoryBytes: number) => [
  { name, memory_bytes: memoryBytes },
  { name, memory_bytes: memoryBytes },
];

test.each([
  [
    'amd-smi, whose MB are 1024 KiB',
    async () => {
      const gpu = {
        asic: { market_name: 'AMD Instinct MI300X OAM' },
        vram: { type: 'HBM', size: { value: 196_592, unit: 'MB' } },
        driver: { name: 'amdgpu', version: '6.12.12' },
      };
      const json = JSON.stringify([
        { gpu: 0, ...gpu },
        { gpu: 1, ...gpu },
      ]);
      await standIn('amd-smi', prints(`WARNING: User is missing the render group [see the docs]\n${json}`));
    },
    { driver: '6.12.12', devices: twoOf('AMD Instinct MI300X OAM', 206_141_652_992) },
  ],
  [
    'rocm-smi, if there is no amd-smi',
    async () => {
      const recorded = join(import.meta.dirname, '../accelerators/testdata/rocm-smi.json');
      await standIn('rocm-smi', `cat ${recorded}`);
    },
    { driver: '6.10.5', devices: twoOf('AMD Instinct MI300X', 206_141_652_992) },
  ],
])('the environment: AMD GPUs by %s', async (_, install, accelerators) => {
  await install();
  const environment = await environmentOf(thisMachine);
  expect(environment.accelerators).toEqual({ vendor: 'amd', ...accelerators });
});
