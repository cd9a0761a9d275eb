import { describe, expect, it } from 'vitest';
import { parseConversations, parseShareGpt, parseTextLines, parseTrace } from './files.ts';

describe('dataset files', () => {
  it('takes the first question of each ShareGPT conversation that has an answer', () => {
    const text = JSON.stringify([
      {
        conversations: [
          { from: 'human', value: 'Why?' },
          { from: 'gpt', value: 'x'.repeat(40) },
        ],
      },
      { conversations: [{ from: 'human', value: 'alone' }] },
      { id: 'broken' },
    ]);
    expect(parseShareGpt(text, 'f', undefined).prompts).toEqual([{ text: 'Why?', outputTokens: 10 }]);
    expect(parseShareGpt(text, 'f', 7).prompts).toEqual([{ text: 'Why?', outputTokens: 7 }]);
  });

  it('reads prompts from JSON lines', () => {
    const text = '{"prompt":"a","output_tokens":3}\n\n{"prompt":"b"}\n';
    expect(parseTextLines(text, 'f', 5).prompts.map(({ outputTokens }) => outputTokens)).toEqual([5, 5]);
    expect(() => parseTextLines(text, 'f', undefined)).toThrow(/output_tokens is missing/);
  });

  it('reads a Mooncake trace, from its first time on', () => {
    const text = [
      '{"timestamp": 3000, "input_length": 600, "output_length": 5, "hash_ids": [1, 2]}',
      '{"timestamp": 1000, "input_length": 10, "output_length": 2}',
    ].join('\n');
    const { dataset, arrivals } = parseTrace(text, 'f', 2);
    expect(arrivals).toEqual({ kind: 'trace', timestampsMs: [0, 1000] });
    expect(dataset.requests).toEqual([
      { inputTokens: 10, outputTokens: 2, blocks: [] },
      { inputTokens: 600, outputTokens: 5, blocks: [1, 2] },
    ]);
  });

  it('reads conversations', () => {
    const text =
      '{"turns":[{"input_tokens":9,"output_tokens":4},{"input_tokens":3,"output_tokens":1,"pause_s":0.5}]}';
    expect(parseConversations(text, 'f').conversations).toEqual([
      [
        { inputTokens: 9, outputTokens: 4, pauseS: 0 },
        { inputTokens: 3, outputTokens: 1, pauseS: 0.5 },
      ],
    ]);
  });

  it.each([
    ['not JSON', '{"prompt":"a","output_tokens":1}\n{oops', /^data\.jsonl:2: /],
    ['a wrong field', '{"prompt":5}', /^data\.jsonl:1: .*prompt/s],
    ['nothing at all', '\n', /not one prompt/],
  ])('says where there is %s', (_, text, message) => {
    expect(() => parseTextLines(text, 'data.jsonl', 1)).toThrow(message);
  });
});
