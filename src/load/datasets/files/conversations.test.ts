import { describe, expect, it } from 'vitest';
import { jsonLines, textInPieces } from '../testdata/text-in-pieces.ts';
import { readConversations } from './conversations.ts';

const turn = (input_tokens: number, output_tokens: number, more: object = {}): object => ({
  input_tokens,
  output_tokens,
  ...more,
});

describe('readConversations', () => {
  it('reads all conversations given by their lengths', async () => {
    const rows = [{ turns: [turn(9, 4), turn(3, 1, { pause_s: 0.5 })] }, { turns: [turn(2, 2)] }];
    const conversations = [
      [
        { inputTokens: 9, outputTokens: 4, pauseS: 0 },
        { inputTokens: 3, outputTokens: 1, pauseS: 0.5 },
      ],
      [{ inputTokens: 2, outputTokens: 2, pauseS: 0 }],
    ];
    for (const file of [
      jsonLines(rows),
      textInPieces(JSON.stringify(rows)),
      textInPieces(JSON.stringify({ rows })),
    ]) {
      expect(await readConversations(file, {})).toEqual({
        dataset: { kind: 'conversations', conversations },
        numPrompts: 3,
        notes: [],
      });
    }
  });

  it('reports how many turns are sent if not all are', async () => {
    const rows = Array.from({ length: 4 }, () => ({ turns: [turn(9, 4), turn(3, 1)] }));
    expect(await readConversations(jsonLines(rows), { numPrompts: 3 })).toMatchObject({
      numPrompts: 3,
      notes: ['f: the first 3 of 8 turns are sent (--num-prompts)'],
    });
    expect(await readConversations(jsonLines(rows), { numPrompts: 30 })).toMatchObject({
      numPrompts: 8,
      notes: [expect.stringMatching(/^f: it has 8 turns, and each is sent once/)],
    });
    expect(await readConversations(jsonLines(rows.slice(1)), { shard: { number: 1, of: 2 } })).toMatchObject({
      numPrompts: 4,
      dataset: { conversations: { length: 2 } },
    });
  });

  it.each<[string, string, RegExp]>([
    [
      'no turns',
      '{"turns":[]}',
      /^f:1: this is an object with the field turns, expected a conversation such as/,
    ],
    [
      'a turn without a length',
      '\n{"turns":[{"output_tokens":1}]}',
      /^f:2: turns\[0\] is an object with the field output_tokens, expected input_tokens/,
    ],
    [
      'a reply without a length',
      '{"turns":[{"input_tokens":1}]}',
      /^f:1: turns\[0\]\.output_tokens is missing/,
    ],
    [
      'a length of 0',
      '{"turns":[{"input_tokens":0,"output_tokens":1}]}',
      /^f:1: input_tokens must be a whole number above 0/,
    ],
    [
      'a negative pause',
      '{"turns":[{"input_tokens":1,"output_tokens":1,"pause_s":-1}]}',
      /^f:1: turns\[0\]\.pause_s must be/,
    ],
    [
      'a ShareGPT file',
      '{"conversations":[{"from":"human","value":"a"}]}',
      /^f:1: this is a ShareGPT conversation/,
    ],
    ['an empty file', '', /^f:1: the file has no prompts/],
  ])('reports the position of %s', async (_, text, message) => {
    await expect(readConversations(textInPieces(text), {})).rejects.toThrow(message);
  });
});
