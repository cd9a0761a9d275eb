import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type RawRequest, rawEngine, response } from '../../test/support/raw-engine.ts';
import { runLoadTest } from './package.ts';

const chat = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
});
const messagesOf = ({ body }: RawRequest) => chat.parse(JSON.parse(body)).messages;
const event = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":50,"completion_tokens":3}}\n\ndata: [DONE]\n\n';
const stream = (text: string) => response('200 OK', ['Content-Type: text/event-stream'], text);

/** Thinks, and then says which request of its conversation it answers. */
const reply = (request: RawRequest): Buffer =>
  stream(
    [
      event({ role: 'assistant', reasoning_content: 'Hm.' }),
      event({ content: 'reply to ' }),
      event({ content: String(messagesOf(request).at(-1)?.content.trim()) }, 'stop'),
      usage,
    ].join(''),
  );

describe("conversations with the server's own replies", () => {
  it('of a ShareGPT file have what the server said, without its reasoning', async () => {
    await using engine = await rawEngine((request) => request.socket.write(reply(request)));
    const folder = await mkdtemp(join(tmpdir(), 'server-replies-'));
    try {
      const datasetPath = join(folder, 'sharegpt.json');
      const turns = ['one', 'two', 'three'].flatMap((text) => [
        { from: 'human', value: text },
        { from: 'gpt', value: `recorded ${text}` },
      ]);
      await writeFile(
        datasetPath,
        JSON.stringify([{ conversations: [{ from: 'system', value: 'Be brief.' }, ...turns] }]),
      );
      const result = await runLoadTest({
        url: `http://127.0.0.1:${engine.port}`,
        model: 'm',
        backend: 'openai-chat',
        concurrency: 1,
        replies: 'server',
        dataset: { name: 'sharegpt', datasetPath, multiTurn: true, thinkTime: 0 },
      });
      const system = { role: 'system', content: 'Be brief.' };
      const said = (text: string) => [
        { role: 'user', content: text },
        { role: 'assistant', content: `reply to ${text}` },
      ];
      expect(engine.requests.map(messagesOf)).toEqual([
        [system, { role: 'user', content: 'one' }],
        [system, ...said('one'), { role: 'user', content: 'two' }],
        [system, ...said('one'), ...said('two'), { role: 'user', content: 'three' }],
      ]);
      expect(result.notes).toContain("the history of conversations has the server's own replies");
      expect(result.ideal_prefix_cache?.estimated).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('that are drawn become chat messages; a failed turn has the drawn reply', async () => {
    let asked = 0;
    await using engine = await rawEngine((request) => {
      const isSecondTurn = messagesOf(request).filter(({ role }) => role === 'user').length === 2;
      if (isSecondTurn && asked++ === 0)
        request.socket.write(response('503 Service Unavailable', [], 'busy'));
      else request.socket.write(reply(request));
    });
    const result = await runLoadTest({
      url: `http://127.0.0.1:${engine.port}`,
      model: 'm',
      backend: 'openai-chat',
      concurrency: 2,
      numPrompts: 8,
      replies: 'server',
      dataset: {
        name: 'conversations',
        conversationTurns: { low: 4, high: 4 },
        randomInputLen: 5,
        randomOutputLen: 3,
        randomPrefixLen: 4,
        thinkTime: 0,
      },
    });
    expect(result).toMatchObject({ completed: 7, failed: 1 });
    const conversations = Map.groupBy(
      engine.requests.map(messagesOf).filter(([first]) => first?.role === 'system'),
      ([, first]) => first?.content,
    );
    expect(conversations.size).toBe(2);
    let drawn = 0;
    for (const requests of conversations.values()) {
      expect(requests.map(({ length }) => length)).toEqual([2, 4, 6, 8]);
      const [system, ...turns] = requests.at(-1) ?? [];
      expect(system?.content.trim().split(' ')).toHaveLength(4);
      for (const [place, { role, content }] of turns.entries()) {
        expect(role).toBe(place % 2 === 0 ? 'user' : 'assistant');
        if (role === 'user') expect(content.trim().split(' ')).toHaveLength(5);
        else if (content !== `reply to ${turns[place - 1]?.content.trim()}`) {
          drawn++;
          expect(content.trim().split(' ')).toHaveLength(3);
        }
      }
    }
    expect(drawn).toBe(1);
    expect(result.notes?.join()).toMatch(/own replies; for 1 that failed or had no text/);
  });

  it.each([
    [{ dataset: { name: 'conversations' } }, /--backend openai does not take/],
    [{ backend: 'openai-chat' }, /needs conversations, which the data set does not have/],
  ] as const)('are refused for %j', async (options, words) => {
    const test = { url: 'http://127.0.0.1:9', model: 'm', replies: 'server', ...options } as const;
    await expect(runLoadTest(test)).rejects.toThrow(words);
  });
});
