import { describe, expect, it } from 'vitest';
import { type ConversationShape, drawConversations } from './draw-conversations.ts';
import { SyntheticDataset, syntheticPrompts } from './synthetic.ts';
import { tokenIdVocabulary } from './vocabulary.ts';

const shape: ConversationShape = {
  turns: { low: 2, high: 5 },
  firstInputLen: 100,
  laterInputLen: 20,
  outputLen: 30,
  rangeRatio: 1,
  pauseS: 2,
  pauses: 'thinking',
  sharedPrefixTokens: 0,
};
const turnsOf = (changes: Partial<ConversationShape>, requests = 4000, seed = 1) =>
  drawConversations({ ...shape, ...changes }, requests, seed).conversations;
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const pauses = (changes: Partial<ConversationShape>): number[] =>
  turnsOf(changes).flatMap((turns) => turns.slice(1).map(({ pauseS }) => pauseS));

describe('drawConversations', () => {
  it('draws enough turns, within the limits, without a pause before the first', () => {
    const conversations = turnsOf({});
    const counts = conversations.map(({ length }) => length);
    expect(counts.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(4000);
    expect([Math.min(...counts), Math.max(...counts)]).toEqual([2, 5]);
    expect(conversations.every(([first]) => first?.pauseS === 0 && first.inputTokens === 100)).toBe(true);
  });

  it.each(['thinking', 'tools'] as const)('draws pauses with the requested mean: %s', (kind) => {
    expect(mean(pauses({ pauses: kind }))).toBeGreaterThan(1.8);
    expect(mean(pauses({ pauses: kind }))).toBeLessThan(2.2);
  });

  it('draws mostly short pauses for tools and a few very long ones', () => {
    const sorted = pauses({ pauses: 'tools' }).sort((a, b) => a - b);
    expect(sorted[sorted.length >> 1]).toBeLessThan(1.4);
    expect(sorted.at(-1)).toBeGreaterThan(15);
  });

  it('draws the same conversations only for the same seed', () => {
    expect(turnsOf({}, 50, 7)).toEqual(turnsOf({}, 50, 7));
    expect(turnsOf({}, 50, 7)).not.toEqual(turnsOf({}, 50, 8));
  });

  it('extends each conversation from a shared prefix', () => {
    const spec = drawConversations({ ...shape, sharedPrefixTokens: 64 }, 20, 3);
    const prompts = syntheticPrompts(spec, 20, 3);
    const dataset = new SyntheticDataset(prompts, tokenIdVocabulary({ low: 1000, high: 29_999 }), 3, 0);
    const ids = Array.from({ length: 20 }, (_, index): number[] =>
      JSON.parse(Buffer.from(dataset.prompt(index).body.json).toString()),
    );
    const [first = []] = ids;
    for (const [index, prompt] of ids.entries()) {
      expect(prompt.slice(0, 64)).toEqual(first.slice(0, 64));
      const before = ids[index - 1] ?? [];
      if (dataset.pauseBeforeMs(index) === undefined) {
        expect(prompt).toHaveLength(164);
        if (index > 0) expect(prompt.slice(64, 80)).not.toEqual(first.slice(64, 80));
      } else {
        // Everything said so far, the reply, and the new input.
        expect(prompt.slice(0, before.length)).toEqual(before);
        expect(prompt).toHaveLength(before.length + 30 + 20);
      }
    }
  });
});
