import { describe, expect, it } from 'vitest';
import { defined } from '../../../defined/defined.ts';
import type { DatasetOptions } from '../options.ts';
import { jsonLines, textInPieces } from '../testdata/text-in-pieces.ts';
import type { GivenPrompt } from '../texts.ts';
import { readShareGpt } from './sharegpt.ts';
import type { DatasetFile } from './text-file.ts';

const human = (value: unknown): object => ({ from: 'human', value });
const gpt = (value: unknown): object => ({ from: 'gpt', value });
const row = (...conversations: unknown[]): object => ({ conversations });
const made = async (
  file: DatasetFile,
  options: DatasetOptions = {},
): Promise<{ prompts: readonly GivenPrompt[]; numPrompts: number; notes: readonly string[] }> => {
  const { dataset, ...rest } = await readShareGpt(file, { disableShuffle: true, ...options });
  if (dataset.kind !== 'texts') throw new Error(`made ${dataset.kind}`);
  return { ...rest, prompts: dataset.prompts };
};

describe('readShareGpt', () => {
  it('uses the first question of each conversation with an answer, and estimates one token per four characters', async () => {
    const rows = [row(human('Why?'), gpt('x'.repeat(40))), row(human('alone')), { id: 'broken' }];
    const { prompts, numPrompts } = await made(textInPieces(JSON.stringify(rows)));
    expect({ prompts, numPrompts }).toEqual({ prompts: [{ text: 'Why?', outputTokens: 10 }], numPrompts: 1 });
    const options: DatasetOptions[] = [{ outputLen: 7 }, { sharegptOutputLen: 7, outputLen: 9 }];
    for (const option of options) {
      expect((await made(jsonLines(rows), option)).prompts).toEqual([{ text: 'Why?', outputTokens: 7 }]);
    }
  });

  const question = { text: 'Why so?', outputTokens: 2 };
  it.each<[string, unknown]>([
    ['conversations', { conversations: [human('Why so?'), gpt('Because.')] }],
    ['conversation', { id: 1, conversation: [human('Why so?'), gpt('Because.')] }],
    ['items', { items: [human('Why so?'), gpt('Because.')] }],
    ['turns', { turns: [human('Why so?'), gpt('Because.')] }],
    [
      'a question and its answer in one object',
      { conversation: [{ human: 'Why so?', assistant: 'Because.' }] },
    ],
    ['texts in turn', { data: ['Why so?', 'Because.'] }],
    [
      'speaker',
      {
        conversations: [
          { speaker: 'gpt', text: 'Hello.' },
          { speaker: 'human', text: 'Why so?' },
          { speaker: 'gpt', text: 'Because.' },
        ],
      },
    ],
    [
      'messages with role and content',
      {
        messages: [
          { role: 'user', content: 'Why so?' },
          { role: 'assistant', content: 'Because.' },
        ],
      },
    ],
    [
      'role and value',
      {
        conversations: [
          { role: 'USER', value: 'Why so?' },
          { role: 'Assistant', value: 'Because.' },
        ],
      },
    ],
    [
      'content in parts',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Why ' },
              { type: 'text', text: 'so?' },
            ],
          },
          { role: 'assistant', content: [{ type: 'text', text: 'Because.' }] },
        ],
      },
    ],
    ['a bare list of turns', [human('Why so?'), gpt('Because.')]],
    ['turns without speakers', { conversations: [{ value: 'Why so?' }, { value: 'Because.' }] }],
    ['the model first', row(gpt('Hello, at length.'), human('Why so?'), gpt('Because.'))],
    ['a system prompt first', row({ from: 'system', value: 'Be short.' }, human('Why so?'), gpt('Because.'))],
    ['a tool before the answer', row(human('Why so?'), { from: 'tool', value: '{}' }, gpt('Because.'))],
    ['a null in a later turn', row(human('Why so?'), gpt('Because.'), human(null))],
    ['several questions', row(human('Why so?'), gpt('Because.'), human('And?'), gpt('x'.repeat(99)))],
  ])('reads %s as JSON lines, in a list and in an object', async (_, one) => {
    for (const text of [
      JSON.stringify([one, one]),
      JSON.stringify({ version: 2, data: [one, one] }, null, 1),
      JSON.stringify({ data: [one, one] }),
      ...(Array.isArray(one) ? [] : [`${JSON.stringify(one)}\n\n${JSON.stringify(one)}`]),
    ]) {
      expect((await made(textInPieces(text, [7]))).prompts).toEqual([question, question]);
    }
  });

  it('counts skipped rows by reason, with the first position', async () => {
    const rows = [
      row(human('a'), gpt('b')),
      row(),
      { id: 'c1' },
      row(human('alone')),
      row(human('A good question?'), gpt('A good answer.'), human(null)),
      row(human(''), gpt('x')),
      row(human('Say nothing.'), gpt('')),
      row(human('One?'), human('Two?'), gpt('Only two.')),
      row(gpt('I speak alone.')),
      null,
    ];
    const { prompts, notes } = await made(jsonLines(rows));
    expect(prompts.map((prompt) => 'text' in prompt && prompt.text)).toEqual(['a', 'A good question?']);
    expect(notes[0]).toBe(
      'f: 8 of 10 rows skipped: 3 without turns (the first is row 2, line 2), ' +
        '3 without a reply to the first human turn (the first is row 4, line 4), ' +
        '1 with an empty human turn first (the first is row 6, line 6), ' +
        '1 without a human turn (the first is row 9, line 9)',
    );
  });

  it.each([
    ['an empty file', '\n', /^f:1: no prompt can be sent/],
    ['an empty list', '[]', /^f:1: no prompt can be sent/],
    [
      'only rows without a reply',
      '[{"conversations":[{"from":"human","value":"a"}]}]',
      /no prompt .*1 of 1 row skipped: 1 without a reply/,
    ],
    ['a list of numbers', '\n[1, 2]', /^f:2: this is the number 1, expected a conversation such as/],
    [
      'a trace',
      '{"timestamp":0,"input_length":5,"hash_ids":[1]}',
      /^f:1: this is a row of a trace .*expected a conversation/,
    ],
    [
      'prompts',
      '{"prompt":"a","output_tokens":1}',
      /^f:1: this is a prompt \(an object with the fields prompt/,
    ],
    [
      'one conversation as an object of strings',
      '{"a":"b"}',
      /^f:1: this is an object with the field a, expected/,
    ],
  ])('reports what is wrong with %s', async (_, text, message) => {
    await expect(made(textInPieces(text))).rejects.toThrow(message);
  });

  it('names the kind of data set that reads another kind of file', async () => {
    await expect(made(textInPieces('{"prompt":"a"}'))).rejects.toMatchObject({
      hint: '--dataset-name custom reads such files',
    });
  });

  const many = Array.from({ length: 300 }, (_, index) => row(human(`q${index}`), gpt('a')));
  const texts = (prompts: readonly GivenPrompt[]): string[] =>
    prompts.map((prompt) => ('text' in prompt ? prompt.text : ''));

  it('draws a sample by seed, in a seed-dependent order', async () => {
    const sample = async (seed?: number): Promise<string[]> => {
      const { dataset } = await readShareGpt(jsonLines(many), {
        numPrompts: 50,
        ...defined({ seed }),
      });
      return dataset.kind === 'texts' ? texts(dataset.prompts) : [];
    };
    expect(await sample(7)).toEqual(await sample(7));
    expect(await sample(7)).not.toEqual(await sample(8));
    expect(await sample()).toEqual(await sample(0));
    expect(new Set(await sample(7)).size).toBe(50);
    expect(await sample(7)).not.toEqual((await sample(7)).toSorted());
  });

  it("keeps the file's order without shuffling", async () => {
    expect(texts((await made(jsonLines(many), { numPrompts: 3 })).prompts)).toEqual(['q0', 'q1', 'q2']);
  });

  it('sends each prompt of a short file once by default, and warns that every run does', async () => {
    const { numPrompts, notes } = await made(jsonLines(many));
    expect(numPrompts).toBe(300);
    expect(notes).toEqual([expect.stringMatching(/^f: every prompt is sent \(300\), whatever the seed/)]);
  });

  it('sends at most 1,000 by default, and reports out of how many', async () => {
    const rows = Array.from({ length: 1234 }, (_, index) => row(human(`q${index}`), gpt('a')));
    const { numPrompts, notes } = await made(jsonLines(rows));
    expect(numPrompts).toBe(1000);
    expect(notes).toEqual([
      'f: the first 1,000 of 1,234 prompts are sent; set --num-prompts for more or fewer',
    ]);
  });

  it('repeats a short file if more is requested, and reports how often, unless disabled', async () => {
    const rows = many.slice(0, 4);
    const wrapped = await made(jsonLines(rows), { numPrompts: 11 });
    expect(wrapped).toMatchObject({ numPrompts: 11, prompts: { length: 4 } });
    expect(wrapped.notes).toContainEqual(
      expect.stringMatching(
        /^f: it has 4 prompts: 7 of 11 requests repeat an earlier prompt.*--no-oversample/,
      ),
    );
    const once = await made(jsonLines(rows), { numPrompts: 11, oversample: false });
    expect(once.numPrompts).toBe(4);
    expect(once.notes).toContainEqual('f: it has 4 prompts, so 4 requests are sent, not 11');
    expect(once.notes.join()).not.toMatch(/repeat/);
  });

  it('reports that a file repeats prompts', async () => {
    const rows = [...many.slice(0, 3), ...many.slice(0, 2)];
    expect((await made(jsonLines(rows))).notes).toContainEqual(
      expect.stringMatching(/^f: 2 of 5 requests repeat an earlier prompt/),
    );
  });

  it('distributes one sample to shards, each prompt to one of them', async () => {
    const of = 3;
    const parts = await Promise.all(
      [1, 2, 3].map((number) =>
        made(jsonLines(many), { numPrompts: 50, seed: 3, shard: { number, of }, oversample: true }),
      ),
    );
    expect(parts.map(({ numPrompts }) => numPrompts)).toEqual([17, 17, 16]);
    const texts = parts.flatMap(({ prompts }) => prompts.map((prompt) => 'text' in prompt && prompt.text));
    expect(new Set(texts).size).toBe(50);
    const [two] = await Promise.all([
      made(jsonLines(many.slice(0, 2)), { numPrompts: 9, shard: { number: 3, of } }),
    ]);
    expect(two).toMatchObject({ numPrompts: 3, prompts: { length: 2 } });
  });

  it('skips and counts prompts that exceed the context with their replies', async () => {
    const rows = [
      row(human('short'), gpt('a')),
      row(human('word '.repeat(500)), gpt('a')),
      row(human('b'), gpt('x'.repeat(800))),
    ];
    for (const limit of [{ maxModelLen: 100 }, { sharegptContextLen: 100 }]) {
      const { prompts, notes } = await made(jsonLines(rows), limit);
      expect(prompts).toEqual([{ text: 'short', outputTokens: 1 }]);
      expect(notes[0]).toMatch(
        /^f: 2 of 3 prompts skipped: prompt and reply are longer than 100 tokens; .*--tokenizer/,
      );
    }
  });

  it('sends every question of a conversation with the previous turns', async () => {
    const rows = [
      row(
        { from: 'system', value: 'S' },
        human('a'),
        gpt('bbbb'),
        human('c'),
        gpt('d'.repeat(8)),
        human('e'),
      ),
      row(human('x'), gpt('y'), human(null), gpt('z')),
    ];
    const { prompts, numPrompts } = await made(jsonLines(rows), { multiTurn: true, thinkTime: 3 });
    const system = { role: 'system', content: 'S' };
    const user = (content: string): object => ({ role: 'user', content });
    const model = { role: 'assistant', content: 'bbbb' };
    expect(numPrompts).toBe(3);
    expect(prompts).toEqual([
      { messages: [system, user('a')], outputTokens: 1 },
      { messages: [system, user('a'), model, user('c')], outputTokens: 2, pauseBeforeMs: 3000 },
      { messages: [user('x')], outputTokens: 1 },
    ]);
  });

  it('keeps the turns of a conversation together', async () => {
    const rows = Array.from({ length: 40 }, (_, index) =>
      row(human(`${index}`), gpt('a'), human('more'), gpt('b')),
    );
    const { prompts, numPrompts } = await made(jsonLines(rows), { multiTurn: true, numPrompts: 20, seed: 5 });
    expect(numPrompts).toBe(20);
    expect(prompts.map(({ pauseBeforeMs }) => pauseBeforeMs)).toEqual(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? undefined : 1000)),
    );
  });
});

describe('what stands next to the turns', () => {
  const rows = [
    { system: 'Be brief.', conversations: [human('a'), gpt('b')] },
    { system: 'no', conversations: [{ from: 'system', value: 'Be kind.' }, human('a'), gpt('b')] },
  ];

  it('is a system prompt, unless the first turn is one', async () => {
    const { prompts } = await made(jsonLines(rows), { multiTurn: true });
    const systems = prompts.map((prompt) => ('messages' in prompt ? prompt.messages[0] : undefined));
    expect(systems).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'system', content: 'Be kind.' },
    ]);
  });

  it('is noted if it is not sent', async () => {
    const tool = { conversations: [human('a'), { from: 'observation', value: '42' }, gpt('b')] };
    const { notes } = await made(jsonLines([...rows, tool]));
    expect(notes).toContain('f: 2 rows have a system prompt, which is sent only with --multi-turn');
    expect(notes).toContain('f: 1 row have turns of other speakers, such as tools, which are not sent');
  });
});
