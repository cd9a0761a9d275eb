import { once } from 'node:events';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runProduct } from '../../../test/support/product.ts';

/** A server with a prefix cache that records every request and never forgets a prompt. */
let server: Server;
let port: number;
let folder: string;
const sent: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-datasets-'));
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      // It has no metrics.
      if (request.method === 'GET') {
        response.writeHead(404).end();
        return;
      }
      const { prompt, messages, max_tokens: tokens } = JSON.parse(body);
      sent.push(JSON.stringify(prompt ?? messages));
      response.setHeader('content-type', 'text/event-stream');
      const choice = messages === undefined ? { text: ' a' } : { delta: { content: ' a' } };
      response.write(`data: ${JSON.stringify({ choices: [choice] })}\n\n`.repeat(tokens));
      const usage = { prompt_tokens: body.length, completion_tokens: tokens };
      response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  port = address.port;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  sent.length = 0;
});

const serve = (args: readonly string[], env: Record<string, string> = {}) =>
  runProduct(
    [
      'bench',
      'serve',
      '--base-url',
      `http://127.0.0.1:${port}`,
      '--model',
      'm',
      '--max-concurrency',
      '4',
      ...args,
    ],
    { cwd: folder, env },
  );
const fileOf = async (name: string, rows: readonly unknown[]): Promise<string> => {
  await writeFile(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return name;
};
const prompts = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({ prompt: `Tell me about ${index}`, output_tokens: 2 }));

describe('bench serve with a data set', () => {
  it('warms up with prompts that are not measured', async () => {
    const file = await fileOf('warm.jsonl', prompts(4));
    const { code } = await serve(['--dataset-name', 'custom', '--dataset-path', file, '--num-warmups', '6']);
    expect(code).toBeLessThan(2);
    const measured = sent.slice(6);
    expect(new Set(measured)).toEqual(new Set(prompts(4).map((_, index) => `"Tell me about ${index}"`)));
    for (const warm of sent.slice(0, 6)) {
      expect(measured.filter((one) => one.slice(0, 8) === warm.slice(0, 8))).toEqual([]);
    }
  });

  it('sends the sample for its seed, and notes which part of the file it is', async () => {
    const file = await fileOf('seeds.jsonl', prompts(50));
    const sentWith = async (...args: string[]): Promise<string[]> => {
      sent.length = 0;
      const { stderr } = await serve([
        '--dataset-name',
        'custom',
        '--dataset-path',
        file,
        '--num-prompts',
        '10',
        '--max-concurrency',
        '1',
        ...args,
      ]);
      expect(stderr).toMatch(/note: seeds\.jsonl: .*10 of 50 prompts are sent/);
      return [...sent];
    };
    const first = await sentWith('--seed', '1');
    expect(await sentWith('--seed', '1')).toEqual(first);
    expect(await sentWith('--seed', '2')).not.toEqual(first);
    expect(await sentWith('--disable-shuffle')).toEqual(
      Array.from({ length: 10 }, (_, index) => `"Tell me about ${index}"`),
    );
  });

  it('stores its notes in the result', async () => {
    const file = await fileOf('short.jsonl', prompts(2));
    const { stderr } = await serve([
      '--dataset-name',
      'custom',
      '--dataset-path',
      file,
      '--num-prompts',
      '5',
      '--think-time',
      '1',
      '--save-result',
      '--result-filename',
      'kept.json',
    ]);
    const { notes, num_prompts } = JSON.parse(await readFile(join(folder, 'kept.json'), 'utf8'));
    expect(num_prompts).toBe(5);
    expect(notes).toEqual([
      expect.stringMatching(/^short\.jsonl: every prompt is sent \(2\)/),
      expect.stringMatching(/^short\.jsonl: it has 2 prompts: 3 of 5 requests repeat/),
      'not read by --dataset-name custom: --think-time',
    ]);
    for (const note of notes) expect(stderr).toContain(`note: ${note}\n`);
  });

  it('sends each prompt at most once if repeats are disabled', async () => {
    const file = await fileOf('once.jsonl', prompts(3));
    const { stderr } = await serve([
      '--dataset-name',
      'custom',
      '--dataset-path',
      file,
      '--num-prompts',
      '9',
      '--no-oversample',
    ]);
    expect(sent).toHaveLength(3);
    expect(stderr).toMatch(/it has 3 prompts, so 3 requests are sent, not 9/);
  });

  it('sends other random prompts in each run, unless it has the printed seed', async () => {
    const drawn = ['--random-input-len', '1', '--random-output-len', '2', '--num-prompts', '3'];
    const { stderr } = await serve(drawn);
    const seed = /^note: seed (\d+), drawn for this run: --seed \1 sends the same/m.exec(stderr)?.[1] ?? '';
    const first = [...sent];
    expect(first.map((json) => JSON.parse(json).length)).toEqual([1, 1, 1]);
    await serve(drawn);
    expect(sent.slice(3)).not.toEqual(first);
    expect((await serve([...drawn, '--seed', seed])).stderr).not.toMatch(/note/);
    expect(sent.slice(6)).toEqual(first);
  });

  it('sends chat messages only to a chat backend', async () => {
    const messages = [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
    ];
    const file = await fileOf('messages.jsonl', [{ messages, output_tokens: 2 }]);
    const dataset = ['--dataset-name', 'messages', '--dataset-path', file];
    expect((await serve([...dataset, '--backend', 'openai-chat'])).code).toBeLessThan(2);
    expect(sent).toEqual([JSON.stringify(messages)]);
    const { code, stderr } = await serve(dataset);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /the data set has chat messages, which --backend openai does not take .*openai-chat/,
    );
    expect(sent).toHaveLength(1);
  });

  it('sends the turns of ShareGPT conversations one after another', async () => {
    const turn = (from: string, value: string): object => ({ from, value });
    const conversations = [turn('human', 'a'), turn('gpt', 'b'), turn('human', 'c'), turn('gpt', 'd')];
    const file = await fileOf('multi.jsonl', [{ conversations }]);
    const { code } = await serve([
      '--dataset-name',
      'sharegpt',
      '--dataset-path',
      file,
      '--multi-turn',
      '--think-time',
      '0.01',
      '--backend',
      'openai-chat',
      '--threads',
      '1',
    ]);
    expect(code).toBeLessThan(2);
    expect(
      sent.map((json) =>
        JSON.parse(json)
          .map(({ content }: { content: string }) => content)
          .join(''),
      ),
    ).toEqual(['a', 'abc']);
  });

  it('sends a whole trace, at its recorded times or at a rate', async () => {
    const rows = Array.from({ length: 1100 }, (_, index) => ({
      timestamp: index / 10,
      input_length: 4,
      output_length: 1,
      hash_ids: [index],
    }));
    const file = await fileOf('trace.jsonl', rows);
    const trace = ['--dataset-name', 'trace', '--dataset-path', file];
    await serve(trace);
    expect(new Set(sent).size).toBe(1100);
    const { stdout, stderr } = await serve([
      ...trace,
      '--num-prompts',
      '20',
      '--request-rate',
      '1000',
      '--json',
    ]);
    expect(stderr).toMatch(/note: trace\.jsonl: the first 20 of 1,100 requests are sent/);
    expect(stderr).toMatch(/note: sent at the requested rate, not at the times of the trace/);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      completed: 20,
      request_rate: 1000,
    });
  });

  it.each([
    ['a seed that is too large', ['--seed', '4294967296'], /expected a whole number below 2\^32/],
    [
      'a chat template that is both used and skipped',
      ['--use-chat-template', '--skip-chat-template'],
      /cannot be used with/,
    ],
    [
      'a missing data set',
      ['--dataset-name', 'custom', '--dataset-path', 'none.jsonl'],
      /^error: none\.jsonl: cannot read the dataset: no such file \(check the path/m,
    ],
  ])('rejects %s with exit code 2', async (_, args, message) => {
    const { code, stderr } = await serve(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(sent).toEqual([]);
  });

  it('saves the result of a model with a colon in its name', async () => {
    const args = ['--model', 'qwen3:4b', '--num-prompts', '1', '--random-output-len', '1', '--save-result'];
    expect((await serve([...args, '--result-dir', 'colon'])).code).toBeLessThan(2);
    expect(await readdir(join(folder, 'colon'))).toEqual([expect.stringMatching(/qwen3:4b/)]);
  });

  it('reads a 350 MB ShareGPT file with less memory than that', async () => {
    const rowText = JSON.stringify({
      id: 'x',
      conversations: [
        { from: 'human', value: 'Tell me a story about the sea and the wind. '.repeat(10) },
        { from: 'gpt', value: 'Once upon a time. '.repeat(100) },
      ],
    });
    const block = `,${rowText}`.repeat(400);
    const handle = await open(join(folder, 'big.json'), 'w');
    await handle.write(`[${rowText}`);
    for (let bytes = 0; bytes < 350_000_000; bytes += block.length) await handle.write(block);
    await handle.write(']');
    await handle.close();
    const tellMemory = "process.on('exit', () => console.error('maxRSS ' + process.resourceUsage().maxRSS))";
    const { code, stderr } = await serve(
      [
        '--dataset-name',
        'sharegpt',
        '--dataset-path',
        'big.json',
        '--num-prompts',
        '20',
        '--output-len',
        '2',
      ],
      { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tellMemory)}` },
    );
    // On a busy machine the test may be invalid, but not because of its data set.
    expect(code).toBeLessThan(2);
    expect(sent).toHaveLength(20);
    expect(Number(/maxRSS (\d+)/.exec(stderr)?.[1]) / 1024).toBeLessThan(300);
  });
});
