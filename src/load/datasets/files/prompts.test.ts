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

  it('reports which fields of a request are not sent', async () => {
    const rows = [
      batch({ messages: [user('a')], max_tokens: 1, temperature: 1, tools: [], model: 'x', stream: true }),
      { messages: [user('a')], output_tokens: 1, id: 7, tools: [] },
    ];
    expect((await made(jsonLines(rows))).notes).toEqual([
      'f: 1 row have fields that are not sent: temperature, tools',
      'f: 1 row have fields that are not sent: tools',
      expect.stringMatching(/every prompt/),
      expect.stringMatching(/repeat/),
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['no length', '{"prompt":"a"}', /^f:1: output_tokens is missing, and no output length is set/],
    [
      'no length after blank lines',
      '{"prompt":"a","output_tokens":1}\n\n\n{"prompt":"b"}',
      /^f:4: output_tokens is missing/,
    ],
    [
      'a length of 0',
      '{"prompt":"a","output_tokens":1}\n{"prompt":"a","output_tokens":0}',
      /^f:2: output_tokens must be a whole number above 0, not the number 0/,
    ],
    [
      'a negative length',
      '{"prompt":"a","output_tokens":-4}',
      /^f:1: output_tokens must .* not the number -4/,
    ],
    [
      'a length with a fraction',
      '{"prompt":"a","output_tokens":7.5}',
      /^f:1: output_tokens must .* not the number 7.5/,
    ],
    [
      'a length as text',
      '{"prompt":"a","output_tokens":"8"}',
      /^f:1: output_tokens must .* not the string "8"/,
    ],
    ['a length beyond all numbers', '{"prompt":"a","output_tokens":1e300}', /^f:1: output_tokens must/],
    ['an empty prompt', '\n{"prompt":"","output_tokens":8}', /^f:2: prompt is empty/],
    ['a number as prompt', '{"prompt":5,"output_tokens":8}', /^f:1: prompt must be text, not the number 5/],
    ['several prompts in a row', '{"prompt":["a","b"],"output_tokens":8}', /^f:1: prompt has 2 texts/],
    ['an empty list', '{"messages":[],"output_tokens":8}', /^f:1: messages has no message to reply to/],
    [
      'only a reply',
      '{"messages":[{"role":"assistant","content":"a"}],"output_tokens":8}',
      /^f:1: messages has no message to reply to/,
    ],
    [
      'a message without a role',
      '{"messages":[{"content":"a"}],"output_tokens":8}',
      /^f:1: messages\[0\] must be a message .*not an object with the field content/,
    ],
    [
      'a message of a wrong content',
      '{"messages":[{"role":"user","content":5}],"output_tokens":8}',
      /^f:1: messages\[0\]\.content must be text or a list of parts, not the number 5/,
    ],
    [
      'an unknown field',
      '{"promt":"a","output_tokens":1}',
      /^f:1: this is an object with the fields promt, output_tokens, expected a prompt such as/,
    ],
    ['null', '[\nnull]', /^f:2: this is null, expected a prompt/],
    [
      'a ShareGPT file',
      '[{"conversations":[{"from":"human","value":"a"}]}]',
      /^f:1: this is a ShareGPT conversation/,
    ],
    [
      'a batch for another endpoint',
      JSON.stringify(batch({ input: 'a' }, '/v1/embeddings')),
      /^f:1: the request is for \/v1\/embeddings, expected/,
    ],
    [
      'a batch without a prompt',
      JSON.stringify(batch({ model: 'm' })),
      /^f:1: body has neither messages nor a prompt/,
    ],
    ['an empty file', '\n', /^f:1: no prompt can be sent/],
  ])('reports the position of %s', async (_, text, message) => {
    await expect(made(textInPieces(text))).rejects.toThrow(message);
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
