import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The measured concurrencies. */
const levels = [1, 16, 64, 256];

const clientSchema = z.object({
  output_throughput: z.number(),
  mean_ttft_ms: z.number(),
  mean_e2el_ms: z.number(),
  completed: z.int(),
  failed: z.int(),
});
const truthSchema = z.object({
  time_to_first_token_seconds_mean_ms: z.number(),
  e2e_request_latency_seconds_mean_ms: z.number(),
});
const rawSchema = z.object({
  max_concurrency: z.int(),
  output_throughput: z.number(),
  telemetry: z.object({
    power: z.object({ mean_w: z.number(), j_per_output_token: z.number() }),
    accelerators: z.object({ clock_mhz: z.object({ mean: z.number() }) }),
  }),
  environment: z.object({
    accelerators: z.object({ driver: z.string(), devices: z.array(z.object({ name: z.string() })) }),
  }),
});

/** The documentation page about the run on an H100, generated from its stored results. */
export async function h100Page(folder: string): Promise<string> {
  const clients = await Promise.all(levels.map(async (level) => await clientRow(folder, level)));
  const raws = await rawResults(join(folder, 'sweep', 'raw'));
  const [first] = raws;
  if (first === undefined) throw new Error(`${folder} has no raw results`);
  const { driver, devices } = first.environment.accelerators;
  return `# vLLM on one H100

One ${devices[0]?.name ?? 'GPU'}, driver ${driver}, vLLM 0.24.0; a model with the shape of Llama-8B and random weights in bfloat16, 512 tokens in and 128 out, prefix caching off, CUDA graphs on. With random weights, the speed is real but the answers are not.

## The client against the server's own histograms

\`inferencemax bench serve\` and vLLM's own \`bench serve\` measured the same server in turn. The overhead of a client is its mean minus the mean of the server's histogram over the same requests; lower is better.

${table(
  [
    'concurrency',
    'output tok/s, ours',
    "output tok/s, vLLM's",
    'TTFT beyond the server, ms, ours',
    "TTFT beyond the server, ms, vLLM's",
    'E2EL beyond the server, ms, ours',
    "E2EL beyond the server, ms, vLLM's",
    'failed, ours',
  ],
  clients,
)}

## Power

Sampled by nvidia-smi over the measured window of each point. At the power limit, the clock drops.

${table(
  ['concurrency', 'output tok/s', 'power, W', 'J per output token', 'SM clock, MHz'],
  raws.map(({ max_concurrency, output_throughput, telemetry: { power, accelerators } }) => [
    String(max_concurrency),
    output_throughput.toFixed(0),
    power.mean_w.toFixed(0),
    power.j_per_output_token.toPrecision(3),
    accelerators.clock_mhz.mean.toFixed(0),
  ]),
)}

\`performance/h100/page.ts\` generates this page from the results of the run.
`;
}

async function clientRow(folder: string, level: number): Promise<string[]> {
  const read = async <T>(name: string, schema: z.ZodType<T>) =>
    schema.parse(JSON.parse(await readFile(join(folder, 'client', `${name}-${level}.json`), 'utf8')));
  const [ours, vllm] = [await read('ours', clientSchema), await read('vllm', clientSchema)];
  const [oursTruth, vllmTruth] = [
    await read('truth-ours', truthSchema),
    await read('truth-vllm', truthSchema),
  ];
  return [
    String(level),
    ours.output_throughput.toFixed(0),
    vllm.output_throughput.toFixed(0),
    (ours.mean_ttft_ms - oursTruth.time_to_first_token_seconds_mean_ms).toFixed(1),
    (vllm.mean_ttft_ms - vllmTruth.time_to_first_token_seconds_mean_ms).toFixed(1),
    (ours.mean_e2el_ms - oursTruth.e2e_request_latency_seconds_mean_ms).toFixed(1),
    (vllm.mean_e2el_ms - vllmTruth.e2e_request_latency_seconds_mean_ms).toFixed(1),
    `${ours.failed} of ${ours.completed + ours.failed}`,
  ];
}

async function rawResults(folder: string) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const raws = await Promise.all(
    names.map(async (name) => rawSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))),
  );
  return raws.toSorted((a, b) => a.max_concurrency - b.max_concurrency);
}

/** A table as the formatter writes it: right-aligned, with each column as wide as its widest cell. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => `${'-'.repeat(width - 1)}:`).join(' | ')} |`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

const page = fileURLToPath(new URL('../../docs/h100-vllm.md', import.meta.url));

// `node performance/h100/page.ts FOLDER` writes the page.
const [, script, folder] = process.argv;
if (script === import.meta.filename && folder !== undefined) await writeFile(page, await h100Page(folder));
