import { describe, expect, it } from 'vitest';
import type { DatasetOptions } from '../options.ts';
import { jsonLines, textInPieces } from '../testdata/text-in-pieces.ts';
import type { GivenPrompt } from '../texts.ts';
import { readMessages, readOpenAiBatch, readPrompts } from './prompts.ts';
import type { DatasetFile } from './text-file.ts';

type Reader = typeof readPrompts;

const made = async (
  file: DatasetFile,
  options: DatasetOptions = {},
  read: Reader = readPrompts,
): Promise<{ prompts: readonly GivenPrompt[]; notes: readonly string[] }> => {
  const { dataset, notes } = await read(file, { disableShuffle: true, ...options });
  if (dataset.kind !== 'texts') throw new Error(`made ${dataset.kind}`);
  return { prompts: dataset.prompts, notes };
};
const user = (content: unknown): object => ({ role: 'user', content });
const batch = (body: object, url = '/v1/chat/completions'): object => ({
  custom_id: 'r',
  method: 'POST',
  url,
  body,
});

describe('readPrompts', () => {
  it.each<[string, unknown, object]>([
    ['a prompt', { prompt: 'a', output_tokens: 3 }, { text: 'a', outputTokens: 3 }],
    [
      'a whole number with a decimal point',
      { prompt: 'a', output_tokens: 3.0 },
      { text: 'a', outputTokens: 3 },
    ],
    ['a text', { text: 'a', max_tokens: 3 }, { text: 'a', outputTokens: 3 }],
    ['a single text in a list', { prompt: ['a'], output_len: 3 }, { text: 'a', outputTokens: 3 }],
    ['an input for embeddings', { input: 'a', output_tokens: 3 }, { text: 'a', outputTokens: 3 }],
    ['several inputs', { input: ['a', 'b'], output_tokens: 3 }, { texts: ['a', 'b'], outputTokens: 3 }],
    [
      'a ranking',
      { query: 'q', documents: ['a', { text: 'b' }], output_tokens: 3 },
      { query: 'q', documents: ['a', { text: 'b' }], outputTokens: 3 },
    ],
    ['token ids', { prompt: [5, 6, 7], output_tokens: 3 }, { tokenIds: [5, 6, 7], outputTokens: 3 }],
    ['messages', { messages: [user('a')], output_tokens: 3 }, { messages: [user('a')], outputTokens: 3 }],
    [
      'messages as the prompt',
      { prompt: [user('a')], output_tokens: 3 },
      { messages: [user('a')], outputTokens: 3 },
    ],
    [
      'content in parts',
      {
        messages: [
          user([
            { type: 'text', text: 'a' },
            { type: 'image_url', image_url: { url: 'data:' } },
          ]),
        ],
        output_tokens: 3,
      },
      {
        messages: [
          user([
            { type: 'text', text: 'a' },
            { type: 'image_url', image_url: { url: 'data:' } },
          ]),
        ],
        outputTokens: 3,
      },
    ],
    [
      'a line of a batch',
      batch({ messages: [user('a')], max_completion_tokens: 3 }),
      { messages: [user('a')], outputTokens: 3 },
    ],
    [
      'a line of a completion batch',
      batch({ prompt: 'a', max_tokens: 3 }, '/v1/completions'),
      { text: 'a', outputTokens: 3 },
    ],
  ])('reads %s as JSON lines, in a list and in an object', async (_, row, prompt) => {
    const files = [
      jsonLines([row, row]),
      textInPieces(JSON.stringify([row, row])),
      textInPieces(JSON.stringify({ data: [row, row] })),
    ];
    for (const file of files) expect((await made(file)).prompts).toEqual([prompt, prompt]);
  });

  it('reads bare texts and bare lists of messages', async () => {
    const outputLen = 4;
    expect((await made(textInPieces('["a", "b"]'), { outputLen })).prompts).toEqual([
      { text: 'a', outputTokens: 4 },
      { text: 'b', outputTokens: 4 },
    ]);
    expect((await made(textInPieces('{"prompts":["a"]}'), { outputLen })).prompts).toHaveLength(1);
    expect((await made(textInPieces(JSON.stringify([[user('a')]])), { outputLen })).prompts).toEqual([
      { messages: [user('a')], outputTokens: 4 },
    ]);
  });

  it('uses the given length instead of the row’s, or the row’s if none is given', async () => {
    const file = (): DatasetFile =>
      textInPieces('{"prompt":"a","output_tokens":3}\n\n{"prompt":"b","output_tokens":null}\n');
    for (const options of [{ outputLen: 5 }, { customOutputLen: 5, outputLen: 9 }]) {
      expect((await made(file(), options)).prompts.map(({ outputTokens }) => outputTokens)).toEqual([5, 5]);
    }
    await expect(made(file())).rejects.toThrow(/^f:3: output_tokens is null, and no output length is set/);
  });

  it('removes a recorded reply, and uses its length if the row has none', async () => {
    const rows = [
      { messages: [user('a'), { role: 'assistant', content: 'x'.repeat(40) }] },
      { messages: [user('a'), { role: 'assistant', content: 'b' }, user('c')], output_tokens: 2 },
    ];
    const { prompts, notes } = await made(jsonLines(rows));
    expect(prompts).toEqual([
      { messages: [user('a')], outputTokens: 10 },
      { messages: rows[1]?.messages, outputTokens: 2 },
    ]);
    expect(notes).toContainEqual('f: 1 row end with a reply, which is not sent');
  });

  it('sends tools, response formats and the other fields of a body, but not those of the client', async () => {
    const tools = [{ type: 'function', function: { name: 'search' } }];
    const response_format = { type: 'json_object' };
    const rows = [
      batch({ messages: [user('a')], max_tokens: 1, temperature: 1, tools, model: 'x', stream: true, n: 2 }),
      { messages: [user('b')], output_tokens: 1, id: 7, tools, response_format },
      { messages: [user('c')], output_tokens: 1 },
    ];
    const { prompts, notes } = await made(jsonLines(rows));
    const bodies = prompts.map((prompt) => [
      JSON.stringify(prompt).includes('"content":"a"'),
      prompt.extraBody,
    ]);
    expect(bodies).toContainEqual([true, { temperature: 1, tools }]);
    expect(bodies).toContainEqual([false, { tools, response_format }]);
    expect(bodies).toContainEqual([false, undefined]);
    expect(notes).toContain('f: 1 row have fields that are not sent: n');
  });

  it('sends a system prompt before the prompt or messages that have none', async () => {
    const system = { role: 'system', content: 'Be brief.' };
    const rows = [
      { system: 'Be brief.', prompt: 'a', output_tokens: 1 },
      { system_prompt: 'Be brief.', messages: [user('b')], output_tokens: 1 },
      { system: 'no', messages: [system, user('c')], output_tokens: 1 },
      { system: '', prompt: 'd', output_tokens: 1 },
    ];
    const { prompts } = await made(jsonLines(rows));
    expect(prompts).toEqual([
      { messages: [system, user('a')], outputTokens: 1 },
      { messages: [system, user('b')], outputTokens: 1 },
      { messages: [system, user('c')], outputTokens: 1 },
      { text: 'd', outputTokens: 1 },
    ]);
    await expect(made(jsonLines([{ system: 5, prompt: 'a', output_tokens: 1 }]))).rejects.toThrow(
      'f:1: system must be text, not the number 5',
    );
  });

  it('sends the sampling parameters of a raw request next to its messages', async () => {
    const body = { temperature: 0.7, top_p: 0.9, seed: 3, stop: ['x'], reasoning_effort: 'low' };
    const row = { model: 'x', stream: true, messages: [user('a')], max_tokens: 5, ...body };
    expect((await made(jsonLines([row]))).prompts).toEqual([
      { messages: [user('a')], outputTokens: 5, extraBody: body },
    ]);
  });

  it.each<[object, RegExp]>([
    [{ input: [] }, /^f:1: input is an empty list/],
    [{ input: ['a', ''] }, /^f:1: input\[1\] is empty/],
    [{ query: 'q', documents: [] }, /^f:1: documents must be a list of texts, not an empty list/],
    [{ query: 'q', documents: ['a', 5] }, /^f:1: documents\[1\] must be text, not the number 5/],
    [{ documents: ['a'] }, /^f:1: query must be text, not missing/],
    [batch({ documents: ['a'] }, '/v1/rerank'), /^f:1: body.query must be text/],
  ])('names the field of %j', async (row, words) => {
    await expect(made(jsonLines([row]), { withoutReplies: true })).rejects.toThrow(words);
  });

  it('rejects deeply nested content, with its line', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = `{"prompt":"a","output_tokens":1}\n{"messages":[{"role":"user","content":${deep}}],"output_tokens":1}`;
    await expect(made(textInPieces(text))).rejects.toThrow(/^f:2: messages\[0\] is nested too deeply/);
  });
});

describe('readMessages and readOpenAiBatch', () => {
  it('accept only their own rows', async () => {
    const rows = [{ messages: [user('a')], output_tokens: 1 }];
    expect((await made(jsonLines(rows), {}, readMessages)).prompts).toHaveLength(1);
    await expect(made(jsonLines([{ prompt: 'a' }]), {}, readMessages)).rejects.toThrow(
      /^f:1: this is a prompt .*expected chat messages/,
    );
    await expect(made(jsonLines(rows), {}, readOpenAiBatch)).rejects.toMatchObject({
      hint: '--dataset-name messages reads such files',
    });
    await expect(made(jsonLines([batch({ messages: [user('a')] })]), {}, readOpenAiBatch)).rejects.toThrow(
      /^f:1: max_tokens is missing/,
    );
  });
});
