// In place of `vllm`: a server with the command line, the paths and the metrics of vLLM's that the product uses, which
// answers every request with as many tokens as were asked, one in each event.
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

const version = '0.24.0';
const prefillMs = 4;
const tokenMs = 2;
const argv = process.argv.slice(2);
const flag = (name) => (argv.includes(name) ? argv[argv.indexOf(name) + 1] : undefined);

if (argv.includes('--version')) {
  console.log(version);
  process.exit(0);
}
if (argv[0] !== 'serve') {
  console.error(`vllm: unknown command ${argv[0]}`);
  process.exit(2);
}

const model = flag('--served-model-name') ?? argv[1];
const buckets = [0.005, 0.01, 0.05, 0.1, 1];
const histograms = Object.fromEntries(
  [
    'time_to_first_token_seconds',
    'inter_token_latency_seconds',
    'e2e_request_latency_seconds',
    'request_queue_time_seconds',
    'request_prefill_time_seconds',
  ].map((name) => [name, { count: 0, sum: 0, at: buckets.map(() => 0) }]),
);
const profilerConfig = flag('--profiler-config');
const profileFolder =
  profilerConfig === undefined
    ? process.env.VLLM_TORCH_PROFILER_DIR
    : JSON.parse(profilerConfig).torch_profiler_dir;
let profiled;
const totals = { prompt_tokens_total: 0, generation_tokens_total: 0, num_preemptions_total: 0 };
let running = 0;

function observe(name, seconds) {
  const histogram = histograms[name];
  histogram.count += 1;
  histogram.sum += seconds;
  for (const [index, le] of buckets.entries()) if (seconds <= le) histogram.at[index] += 1;
}

function metrics() {
  const label = `model_name="${model}"`;
  const lines = [`vllm:num_requests_running{${label}} ${running}`, `vllm:num_requests_waiting{${label}} 0`];
  for (const [name, value] of Object.entries(totals)) lines.push(`vllm:${name}{${label}} ${value}`);
  for (const [name, { count, sum, at }] of Object.entries(histograms)) {
    for (const [index, le] of buckets.entries())
      lines.push(`vllm:${name}_bucket{le="${le}",${label}} ${at[index]}`);
    lines.push(`vllm:${name}_bucket{le="+Inf",${label}} ${count}`);
    lines.push(`vllm:${name}_sum{${label}} ${sum}`, `vllm:${name}_count{${label}} ${count}`);
  }
  return `${lines.join('\n')}\n`;
}

async function complete(request, response) {
  const startMs = performance.now();
  let text = '';
  for await (const chunk of request) text += chunk;
  const { prompt, max_tokens: tokens = 16, stream = false } = JSON.parse(text);
  const promptTokens = Array.isArray(prompt) ? prompt.length : String(prompt).split(' ').length - 1;
  if (!stream) {
    response.writeHead(200, { 'content-type': 'application/json' });
    const choice = { index: 0, text: ' the'.repeat(tokens), finish_reason: 'length' };
    response.end(JSON.stringify({ id: 'cmpl-1', model, choices: [choice] }));
    return;
  }
  profiled?.push({ name: 'execute_model', ph: 'X', ts: startMs * 1000, dur: 1000 * prefillMs });
  running += 1;
  observe('request_queue_time_seconds', 0.001);
  await delay(prefillMs);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  observe('request_prefill_time_seconds', prefillMs / 1000);
  observe('time_to_first_token_seconds', (performance.now() - startMs) / 1000);
  for (let token = 0; token < tokens; token++) {
    if (token > 0) {
      const before = performance.now();
      await delay(tokenMs);
      observe('inter_token_latency_seconds', (performance.now() - before) / 1000);
    }
    const last = token === tokens - 1;
    const choice = { index: 0, text: ' the', logprobs: null, finish_reason: last ? 'length' : null };
    response.write(`data: ${JSON.stringify({ id: 'cmpl-1', model, choices: [choice] })}\n\n`);
  }
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: tokens,
    total_tokens: promptTokens + tokens,
  };
  response.write(`data: ${JSON.stringify({ id: 'cmpl-1', model, choices: [], usage })}\n\n`);
  response.end('data: [DONE]\n\n');
  running -= 1;
  totals.prompt_tokens_total += promptTokens;
  totals.generation_tokens_total += tokens;
  observe('e2e_request_latency_seconds', (performance.now() - startMs) / 1000);
}

/** Writes a trace in the form of torch's profiler, under a name like its. */
async function writeTrace(response) {
  await mkdir(profileFolder, { recursive: true });
  const trace = gzipSync(JSON.stringify({ traceEvents: profiled }));
  await writeFile(join(profileFolder, `host_${process.pid}.${Date.now()}.pt.trace.json.gz`), trace);
  profiled = undefined;
  response.writeHead(200).end();
}

const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://host').pathname;
  const json = (value, code = 200) => {
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  if (path === '/health') response.writeHead(200).end();
  else if (path === '/version') json({ version });
  else if (path === '/v1/models') json({ object: 'list', data: [{ id: model, object: 'model' }] });
  else if (path === '/metrics') response.writeHead(200, { 'content-type': 'text/plain' }).end(metrics());
  else if (path === '/v1/completions') void complete(request, response);
  else if (path === '/start_profile' && profileFolder !== undefined) {
    profiled = [];
    response.writeHead(200).end();
  } else if (path === '/stop_profile' && profiled !== undefined) void writeTrace(response);
  else json({ error: { message: 'Not Found' } }, 404);
});
server.listen(Number(flag('--port') ?? 8000), flag('--host') ?? '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
