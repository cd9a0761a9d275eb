import { describe, expect, it } from 'vitest';
import type { DatasetOptions, MadeDataset } from '../options.ts';
import { SyntheticDataset, syntheticPrompts, type TraceLengths } from '../synthetic.ts';
import { jsonLines, textInPieces } from '../testdata/text-in-pieces.ts';
import { tokenIdVocabulary } from '../vocabulary.ts';
import { azure, burstGpt, csvTraceOf, readCsvTrace } from './csv-traces.ts';
import { readMooncake } from './mooncake.ts';
import type { DatasetFile } from './text-file.ts';

const row = (input_length: number, hash_ids: readonly unknown[], more: object = {}): object => ({
  timestamp: 0,
  input_length,
  output_length: 8,
  hash_ids,
  ...more,
});
const read = (rows: readonly object[], options: DatasetOptions = {}): Promise<MadeDataset> =>
  readMooncake(jsonLines(rows), options);
const traceOf = ({ dataset }: MadeDataset): TraceLengths => {
  if (dataset.kind !== 'trace') throw new Error(`made ${dataset.kind}`);
  return dataset;
};

describe('readMooncake', () => {
  it('starts a trace at its first time, sorts it by time, and reports what was out of order', async () => {
    const made = await read(
      [
        { timestamp: 3000, input_length: 600, output_length: 5, hash_ids: [1, 2] },
        { timestamp: 1000, input_length: 10, output_length: 2 },
        { timestamp: 1000, input_length: 11, output_length: 2, hash_ids: [] },
      ],
      { traceSpeedup: 2 },
    );
    expect(made.arrivals).toEqual({ kind: 'trace', timestampsMs: [0, 0, 1000] });
    expect(traceOf(made).requests).toMatchObject([
      { inputTokens: 10, outputTokens: 2, blocks: [] },
      { inputTokens: 11, blocks: [] },
      { inputTokens: 600, outputTokens: 5, blocks: [0, 1] },
    ]);
    expect(made.notes).toEqual(['f: 2 of 3 rows are out of order: requests are sent sorted by time']);
  });

  it("reads Bailian's form: times in seconds, and 16 tokens per hash id", async () => {
    const chat = { chat_id: 159, parent_chat_id: -1, type: 'text', turn: 1 };
    const made = await read([
      row(521, [10, 11], { ...chat, timestamp: 1.25 }),
      row(16, [10], { ...chat, timestamp: 61.114 }),
    ]);
    expect(made.arrivals?.timestampsMs).toEqual([0, 59_864]);
    expect(traceOf(made).blockTokens).toBe(16);
    await expect(read([row(16, [1], { ...chat, timestamp: '1' })])).rejects.toThrow(/number of seconds/);
    expect(traceOf(await read([row(64, [1], chat)], { traceBlockSize: 64 })).blockTokens).toBe(64);
  });

  it('sends the whole trace by default, and reports if it is cut or shorter than requested', async () => {
    const rows = Array.from({ length: 1200 }, (_, index) => row(16, [index], { timestamp: index }));
    expect(await read(rows)).toMatchObject({ numPrompts: 1200, notes: [] });
    const cut = await read(rows, { numPrompts: 1000 });
    expect(cut).toMatchObject({
      numPrompts: 1000,
      notes: ['f: the first 1,000 of 1,200 requests are sent (--num-prompts)'],
    });
    expect(cut.arrivals?.timestampsMs).toHaveLength(1000);
    expect(await read(rows, { numPrompts: 2000 })).toMatchObject({
      numPrompts: 1200,
      notes: [expect.stringMatching(/^f: it has 1,200 requests, fewer than/)],
    });
  });

  it.each([
    ['beyond 2^53', '13835058055282163712', '13835058055282163713'],
    ['beyond 2^32', '1', '4294967297'],
    ['beyond any number', '123456789012345678901234567890', '123456789012345678901234567891'],
    ['negative', '-1', '1'],
    ['texts', '"a1"', '"a2"'],
    ['a text and a number', '"7"', '7'],
  ])('keeps hash ids distinct: %s', async (_, one, other) => {
    const line = (id: string): string =>
      `{"timestamp":0,"input_length":512,"output_length":8,"hash_ids":[${id}]}`;
    const made = await readMooncake(textInPieces([one, other, one].map(line).join('\n')), {});
    expect(traceOf(made).requests.map(({ blocks }) => blocks)).toEqual([[0], [1], [0]]);
    const prompts = new SyntheticDataset(
      syntheticPrompts(traceOf(made), 3, 1),
      tokenIdVocabulary({ low: 1000, high: 29_999 }),
      1,
      0,
    );
    const texts = [0, 1, 2].map((index) => Buffer.from(prompts.prompt(index).body.json).toString());
    expect(texts[0]).toBe(texts[2]);
    expect(texts[0]).not.toBe(texts[1]);
  });

  it('reads rows without times, which are then paced by the rate or the concurrency', async () => {
    const made = await read([row(60, [0], { timestamp: undefined }), row(61, [1], { timestamp: null })]);
    expect(made.arrivals).toBeUndefined();
    expect(made.notes).toEqual([
      expect.stringMatching(/^f: it has no times: requests are sent at --request-rate/),
    ]);
  });

  it('reads rows without a reply length if one is given for all', async () => {
    const rows = [row(60, [0], { output_length: undefined })];
    await expect(read(rows)).rejects.toThrow(/^f:1: output_length is missing, and no output length/);
    expect(traceOf(await read(rows, { outputLen: 4 })).requests[0]?.outputTokens).toBe(4);
  });

  it.each([
    ['text_input', { text_input: 'a' }, { text: 'a', outputTokens: 8 }],
    ['prompt', { prompt: 'a' }, { text: 'a', outputTokens: 8 }],
    [
      'messages',
      { messages: [{ role: 'user', content: 'a' }] },
      { messages: [{ role: 'user', content: 'a' }], outputTokens: 8 },
    ],
  ])('sends the prompts of rows that contain %s, at their times', async (_, input, prompt) => {
    const rows = [0, 100].map((timestamp) => ({ timestamp, output_length: 8, ...input }));
    const made = await read(rows);
    expect(made.dataset).toEqual({ kind: 'texts', prompts: [prompt, prompt] });
    expect(made.arrivals?.timestampsMs).toEqual([0, 100]);
    await expect(read([...rows, row(5, [])])).rejects.toThrow(/^f:3: this row has only the length/);
  });

  it('distributes a trace to shards, with the same tokens for the same blocks', async () => {
    const rows = Array.from({ length: 9 }, (_, index) => row(20, [7], { timestamp: 10 * index }));
    const options = { traceBlockSize: 16, seed: 4 };
    const shards = await Promise.all(
      [1, 2].map((number) => read(rows, { ...options, shard: { number, of: 2 } })),
    );
    expect(shards.map(({ numPrompts }) => numPrompts)).toEqual([5, 4]);
    expect(shards[1]?.arrivals?.timestampsMs).toEqual([10, 30, 50, 70]);
    expect(shards.map((made) => traceOf(made).seed)).toEqual([4, 4]);
    const ids = shards.flatMap((made) => {
      const trace = traceOf(made);
      const dataset = new SyntheticDataset(
        syntheticPrompts(trace, trace.requests.length, trace.seed ?? 0),
        tokenIdVocabulary({ low: 1000, high: 29_999 }),
        trace.seed ?? 0,
        0,
      );
      return trace.requests.map((_, index): number[] =>
        JSON.parse(Buffer.from(dataset.prompt(index).body.json).toString()),
      );
    });
    expect(new Set(ids.map((list) => list.slice(0, 16).join())).size).toBe(1);
    expect(new Set(ids.map((list) => list.join())).size).toBe(9);
  });

  it('skips requests that exceed the context', async () => {
    const made = await read([row(90, []), row(100, []), row(92, [])], { maxModelLen: 100 });
    expect(traceOf(made).requests.map(({ inputTokens }) => inputTokens)).toEqual([90, 92]);
    expect(made.notes).toEqual(['f: 1 of 3 requests skipped: prompt and reply are longer than 100 tokens']);
    await expect(read([row(100, [])], { maxModelLen: 100 })).rejects.toThrow(/no request can be sent/);
  });

  it.each<[string, string, RegExp]>([
    [
      'a reply of 0 tokens',
      '{"input_length":5,"output_length":8}\n{"input_length":5,"output_length":0}',
      /^f:2: output_length must be a whole number above 0, not the number 0/,
    ],
    ['a prompt of 0 tokens', '{"input_length":0,"output_length":8}', /^f:1: input_length must be/],
    ['no length', '{"input_length":null,"output_length":8}', /^f:1: this is|^f:1: input_length is null/],
    [
      'a time as a string',
      '{"timestamp":"0","input_length":5,"output_length":8}',
      /^f:1: timestamp must be a number of milliseconds, not the string "0"/,
    ],
    [
      'a time in only one row',
      '{"timestamp":0,"input_length":5,"output_length":8}\n{"input_length":5,"output_length":8}',
      /^f:2: this row has no timestamp, but others have one/,
    ],
    [
      'hash ids that are not a list',
      '{"input_length":5,"output_length":8,"hash_ids":3}',
      /^f:1: hash_ids must be a list, not the number 3/,
    ],
    [
      'a hash id with a fraction',
      '{"input_length":5,"output_length":8,"hash_ids":[1,1.5]}',
      /^f:1: hash_ids\[1\] must be a whole number or a string, not the number 1.5/,
    ],
    ['a prompt without a time', '{"prompt":"a"}', /^f:1: this is a prompt .*expected a row of a trace/],
    ['an empty file', '\n', /^f:1: no request can be sent/],
  ])('reports the position of %s', async (_, text, message) => {
    await expect(readMooncake(textInPieces(text), {})).rejects.toThrow(message);
  });
});

describe('the blocks of a trace', () => {
  const sizeOf = async (
    rows: readonly (readonly [inputTokens: number, ids: number])[],
    traceBlockSize?: number,
  ): Promise<{ blockTokens: number; notes: readonly string[] }> => {
    const made = await read(
      rows.map(([tokens, ids]) =>
        row(
          tokens,
          Array.from({ length: ids }, (_, id) => id),
        ),
      ),
      traceBlockSize === undefined ? {} : { traceBlockSize },
    );
    return { blockTokens: traceOf(made).blockTokens, notes: made.notes };
  };

  it('have 512 tokens if lengths and ids are consistent with it', async () => {
    expect(
      await sizeOf([
        [600, 2],
        [512, 1],
        [6758, 14],
      ]),
    ).toEqual({ blockTokens: 512, notes: [] });
    expect(
      await sizeOf([
        [60, 1],
        [65, 1],
      ]),
    ).toEqual({ blockTokens: 512, notes: [] });
    expect(await sizeOf([[600, 0]])).toEqual({ blockTokens: 512, notes: [] });
  });

  it.each([16, 32, 64, 128, 256, 1024, 4096])('have %d tokens if lengths and ids imply it', async (size) => {
    const lengths = [3 * size, 3 * size - 1, 2 * size + 1, size, 40 * size - 7];
    const every = await sizeOf(lengths.map((tokens) => [tokens, Math.ceil(tokens / size)]));
    expect(every).toMatchObject({
      blockTokens: size,
      notes: [expect.stringMatching(/^f: a hash id stands for .* tokens, inferred/)],
    });
    const full = [3 * size, 3 * size + 1, 2 * size + 5, size + 2, 40 * size + 7];
    expect(await sizeOf(full.map((tokens) => [tokens, Math.floor(tokens / size)]))).toMatchObject({
      blockTokens: size,
    });
  });

  it('differ if their ids differ, up to the last one', async () => {
    const rows = [2, 3].map((last) => row(48, [0, 1, last]));
    const made = await read(rows);
    const dataset = new SyntheticDataset(
      syntheticPrompts(traceOf(made), 2, 1),
      tokenIdVocabulary({ low: 1000, high: 29_999 }),
      1,
      0,
    );
    const [one = [], other = []] = [0, 1].map((index): number[] =>
      JSON.parse(Buffer.from(dataset.prompt(index).body.json).toString()),
    );
    expect(one.slice(0, 32)).toEqual(other.slice(0, 32));
    expect(one.slice(32)).not.toEqual(other.slice(32));
  });

  it('have the requested size if the ids are consistent with it', async () => {
    expect(await sizeOf([[600, 2]], 300)).toEqual({ blockTokens: 300, notes: [] });
    await expect(
      sizeOf(
        [
          [40, 3],
          [48, 3],
        ],
        20,
      ),
    ).rejects.toThrow(/^f:1: 40 tokens are 2 blocks of 20, but hash_ids has 3/);
  });

  it('may have ids for a part only, which is noted', async () => {
    const { blockTokens, notes } = await sizeOf([
      [5000, 2],
      [600, 2],
    ]);
    expect(blockTokens).toBe(512);
    expect(notes).toEqual([
      expect.stringMatching(
        /^f: 1 row have fewer hash ids than blocks of 512 tokens \(the first is line 1\)/,
      ),
    ]);
  });

  it('have to be given if their size cannot be inferred', async () => {
    await expect(
      sizeOf([
        [48, 3],
        [1000, 2],
      ]),
    ).rejects.toMatchObject({
      message: 'f:1: 48 tokens are 1 block of 512, but hash_ids has 3',
      hint: expect.stringMatching(/--trace-block-size/),
    });
  });
});

describe('readCsvTrace', () => {
  const azureText = [
    'TIMESTAMP,ContextTokens,GeneratedTokens',
    '2023-11-16 18:17:03.9799600,374,44',
    '2023-11-16 18:17:04.0319600,396,109',
    '',
    '2024-05-10 00:00:00.009930+00:00,879,55',
  ].join('\r\n');
  const burstText = [
    'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type',
    '5,ChatGPT,472,18,490,Conversation log',
    '45,ChatGPT,1087,0,1087,Conversation log',
    '118.5,"GPT-4",417,276,693,"API log, of some kind"',
    '119,GPT-4,0,276,276,API log',
  ].join('\n');

  it('reads Azure’s traces, to a tenth of a microsecond', async () => {
    const made = await readCsvTrace(textInPieces(azureText, [11]), {}, azure);
    expect(traceOf(made).requests).toMatchObject([
      { inputTokens: 374, outputTokens: 44, blocks: [] },
      { inputTokens: 396, outputTokens: 109 },
      { inputTokens: 879, outputTokens: 55 },
    ]);
    const [first, second, third] = made.arrivals?.timestampsMs ?? [];
    expect(first).toBe(0);
    expect(second).toBeCloseTo(52, 3);
    expect(third).toBeCloseTo(Date.UTC(2024, 4, 10) - Date.UTC(2023, 10, 16, 18, 17, 3) + 9.93 - 979.96, 1);
    expect(made.notes).toEqual([]);
  });

  it('reads BurstGPT, and counts the rows without tokens', async () => {
    const made = await readCsvTrace(textInPieces(burstText), { traceSpeedup: 10, outputLen: 7 }, burstGpt);
    expect(traceOf(made).requests).toMatchObject([
      { inputTokens: 472, outputTokens: 7 },
      { inputTokens: 417, outputTokens: 7 },
    ]);
    expect(made.arrivals?.timestampsMs).toEqual([0, 11_350]);
    expect(made.notes).toEqual(['f: 2 of 4 rows skipped: they have 0 tokens (the first is line 3)']);
  });

  it('recognises traces by their header', () => {
    expect(csvTraceOf(azureText.split('\r\n')[0] ?? '')?.kind).toBe('azure');
    expect(csvTraceOf('"timestamp", model ,Request Tokens,Response tokens,Session ID')?.kind).toBe(
      'burstgpt',
    );
    expect(csvTraceOf('{"timestamp":0}')).toBeUndefined();
    expect(csvTraceOf('')).toBeUndefined();
  });

  const header = 'TIMESTAMP,ContextTokens,GeneratedTokens\n';
  it.each<[string, string, RegExp]>([
    ['another header', burstText, /^f:1: the header has no column ContextTokens/],
    ['too few cells', `${header}\n2023-11-16 18:17:03,374`, /^f:3: this row has 2 cells, but the header 3/],
    ['another time', `${header}5,374,44`, /^f:2: TIMESTAMP must be a date and time .* not the string "5"/],
    ['an invalid day', `${header}2023-13-16 18:17:03,374,44`, /^f:2: TIMESTAMP must be/],
    [
      'an empty cell',
      `${header}2023-11-16 18:17:03,,44`,
      /^f:2: ContextTokens must be a whole number, 0 or more, not the string ""/,
    ],
    ['a negative length', `${header}2023-11-16 18:17:03,3,-1`, /^f:2: GeneratedTokens must be/],
    ['an unclosed quote', `${header}"2023-11-16 18:17:03,3,1`, /^f:2: a quoted cell is not closed/],
    ['only a header', header, /^f:1: no request can be sent/],
  ])('reports the position of %s', async (_, text, message) => {
    const file: DatasetFile = textInPieces(text);
    await expect(readCsvTrace(file, {}, azure)).rejects.toThrow(message);
  });
});
