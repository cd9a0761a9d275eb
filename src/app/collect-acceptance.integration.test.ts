import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { said } from '../../test/support/said.ts';
import { readAcceptanceFile } from '../config/index.ts';
import { loadTestDefaults } from '../load/index.ts';
import { BenchServer } from './watch-bench-server.ts';

/** An engine that accepts 2 tokens of one half of its drafts and none of the other, 3 tokens each. */
const drafter = { drafts: 0, accepted: 0 };
let server: Server | undefined;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acceptance-'));
  await writeFile(join(folder, 'prompts.jsonl'), '{"prompt":"Sort a list."}\n{"prompt":"Parse a date."}\n');
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(folder, { recursive: true });
});

function answer(response: ServerResponse, chat: boolean): void {
  drafter.drafts += 10;
  drafter.accepted += 10;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const part = (text: string, reason: string | null) =>
    chat
      ? { index: 0, delta: { content: text }, finish_reason: reason }
      : { index: 0, text, finish_reason: reason };
  for (let token = 0; token < 4; token++)
    response.write(`data: ${JSON.stringify({ choices: [part(' a', token === 3 ? 'stop' : null)] })}\n\n`);
  const usage = { prompt_tokens: 10, completion_tokens: 4 };
  response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
}

function metrics(): string {
  const { drafts, accepted } = drafter;
  return [
    `vllm:spec_decode_num_drafts_total{engine="0"} ${drafts}`,
    `vllm:spec_decode_num_draft_tokens_total{engine="0"} ${3 * drafts}`,
    `vllm:spec_decode_num_accepted_tokens_total{engine="0"} ${accepted}`,
    ...[0, 1, 2].map(
      (position) =>
        `vllm:spec_decode_num_accepted_tokens_per_pos_total{engine="0",position="${position}"} ${position < 2 ? accepted / 2 : 0}`,
    ),
    'vllm:num_requests_running 0\n',
  ].join('\n');
}

async function draftingServer(): Promise<string> {
  server = createServer((request, response) => {
    request.resume();
    if (request.method === 'POST') answer(response, request.url?.includes('/chat/') === true);
    else if (request.url === '/metrics') response.end(metrics());
    else if (request.url === '/v1/models') response.end('{"data":[{"id":"org/Small-Model"}]}');
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

test('acceptance collect: the length that the counters say, added to a file that keeps its other lengths', async () => {
  const output = join(folder, 'small.yaml');
  await writeFile(output, '# by hand\nsmall-model:\n  thinking_on:\n    1: 1.70\n    3: 3.99\n');
  const command = [
    'acceptance',
    'collect',
    '--base-url',
    await draftingServer(),
    '--output',
    output,
    '--dataset-path',
    join(folder, 'prompts.jsonl'),
  ];
  const first = await said(...command);
  expect([first.code, first.stdout]).toEqual([
    0,
    expect.stringContaining('2.00 tokens per verification step'),
  ]);
  expect(first.stdout).toContain('50.0 %, 50.0 %, 0.0 %');
  await said(...command, '--mode', 'thinking_off');
  expect(await readAcceptanceFile(output)).toEqual({
    'small-model': { thinking_on: { 1: 1.7, 3: 2 }, thinking_off: { 3: 2 } },
  });
  const comments = (await readFile(output, 'utf8')).split('\n').filter((line) => line.startsWith('#'));
  expect(comments).toEqual([
    '# by hand',
    expect.stringMatching(/^# small-model thinking_on 3: vLLM, 2 prompts of prompts\.jsonl/),
    expect.stringMatching(/^# small-model thinking_off 3: /),
  ]);
});

test('a length beyond the speculative tokens that the user names is refused', async () => {
  const { code, stderr } = await said(
    'acceptance',
    'collect',
    '--base-url',
    await draftingServer(),
    '--speculative-tokens',
    '0',
    '--dataset-path',
    join(folder, 'prompts.jsonl'),
  );
  expect([code, stderr]).toEqual([2, expect.stringContaining('--speculative-tokens')]);
});

test('random tokens before a draft model are a reason for doubt, unless the length was forced', async () => {
  const baseUrl = await draftingServer();
  const bench = await BenchServer.find({ baseUrl, metricsUrls: undefined });
  const asked = {
    ...loadTestDefaults,
    baseUrl,
    model: 'm',
    tokenizerId: 'm',
    dataset: { kind: 'random', inputLen: 10, outputLen: 4, rangeRatio: 1 },
    numPrompts: 2,
    maxConcurrency: 1,
  } as const;
  const context = { signal: new AbortController().signal };
  const random = await bench.measure(asked, context);
  expect(random.fidelity.reasons).toContainEqual(expect.stringContaining('saw random tokens, 33 % of what'));
  const forced = await bench.measure(asked, context, { forced: true });
  expect(forced.fidelity.reasons.join()).not.toContain('random tokens');
});

test('bench serve marks the result of a server whose acceptance was forced', async () => {
  const { stdout } = await said(
    'bench',
    'serve',
    '--base-url',
    await draftingServer(),
    '--random-input-len',
    '10',
    '--random-output-len',
    '4',
    '--num-prompts',
    '2',
    '--max-concurrency',
    '1',
    '--json',
    '--forced-acceptance-length',
    '2.49',
  );
  const last = stdout.trim().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toMatchObject({ forced_acceptance: { acceptance_length: 2.49 } });
});
