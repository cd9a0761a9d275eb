import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawEngine, response } from '../../test/support/raw-engine.ts';
import { runLoadTest } from './package.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chat-content-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('a chat request', () => {
  it('has drawn text and its own images, and takes the token count of the server', async () => {
    await using engine = await rawEngine();
    const result = await runLoadTest({
      url: `http://127.0.0.1:${engine.port}`,
      model: 'm',
      backend: 'openai-chat',
      concurrency: 2,
      numPrompts: 4,
      dataset: {
        name: 'random-mm',
        randomInputLen: 20,
        randomOutputLen: 4,
        randomMmBaseItemsPerRequest: 2,
        randomMmBucketConfig: '16x8',
      },
    });
    const bodies = engine.requests.map(({ body }) => JSON.parse(body));
    const sent = bodies.filter(({ messages }) => Array.isArray(messages[0].content));
    expect(sent).toHaveLength(4);
    const urls = sent.flatMap(({ messages }) => {
      const [text, ...images] = messages[0].content;
      expect(text.type).toBe('text');
      expect(text.text.trim().split(' ').length).toBeGreaterThan(5);
      expect(images).toHaveLength(2);
      return images.map((part: { image_url: { url: string } }) => part.image_url.url);
    });
    expect(new Set(urls).size).toBe(8);
    expect(urls.every((url) => url.startsWith('data:image/png;base64,'))).toBe(true);
    // The engine counts 10 prompt tokens for each.
    expect(result).toMatchObject({ completed: 4, total_input_tokens: 40 });
    expect(result.fidelity.prompt_token_mismatches).toBe(0);
    expect(result.notes).toContain('each request has 2 random images of 16x8');
  });

  it('has the images, tools and response format of its row, and a tool call counts as output', async () => {
    const call = { index: 0, id: 'c', function: { name: 'search', arguments: '{}' } };
    const events = [
      { choices: [{ index: 0, delta: { role: 'assistant', tool_calls: [call] }, finish_reason: null }] },
      { choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
      { choices: [], usage: { prompt_tokens: 30, completion_tokens: 2 } },
    ];
    const stream = `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`;
    await using engine = await rawEngine(({ socket }) =>
      socket.write(response('200 OK', ['Content-Type: text/event-stream'], stream)),
    );
    const row = {
      messages: [
        { role: 'system', content: 'Use the tools.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'https://example.org/a.png', detail: 'low' } },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          ],
        },
      ],
      tools: [{ type: 'function', function: { name: 'search', parameters: { type: 'object' } } }],
      tool_choice: 'auto',
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } },
      output_tokens: 2,
    };
    const datasetPath = join(folder, 'chat.jsonl');
    await writeFile(datasetPath, `${JSON.stringify(row)}\n`);
    const result = await runLoadTest({
      url: `http://127.0.0.1:${engine.port}`,
      model: 'm',
      backend: 'openai-chat',
      concurrency: 1,
      numPrompts: 2,
      dataset: { name: 'messages', datasetPath },
    });
    expect(result).toMatchObject({ completed: 2, total_output_tokens: 4, total_input_tokens: 60 });
    const { output_tokens, ...fields } = row;
    for (const { body } of engine.requests)
      expect(JSON.parse(body)).toMatchObject({ ...fields, max_tokens: output_tokens });
  });

  it('with images is refused by a server that takes no messages', async () => {
    const test = { url: 'http://127.0.0.1:9', model: 'm', dataset: { name: 'random-mm' } };
    await expect(runLoadTest(test)).rejects.toThrow(
      'the data set has chat messages, which --backend openai does not take',
    );
  });
});
