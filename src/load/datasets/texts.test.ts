import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GivenPrompt, TextsDataset, type TextsSpec, warmUpTexts } from './texts.ts';

const texts = (...prompts: string[]): TextsSpec => ({
  kind: 'texts',
  prompts: prompts.map((text) => ({ text, outputTokens: 3 })),
});
const jsonOf = (spec: TextsSpec, index: number): string =>
  Buffer.from(new TextsDataset(spec, spec.prompts.length, undefined).prompt(index).body.json).toString();

const message = fc.record({
  role: fc.constantFrom('system', 'user'),
  content: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constant(null),
    fc.array(fc.record({ type: fc.constant('text'), text: fc.string() })),
  ),
});
const prompt: fc.Arbitrary<GivenPrompt> = fc.oneof(
  fc.record({
    text: fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
    outputTokens: fc.constant(3),
  }),
  fc.record({
    tokenIds: fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 40 }),
    outputTokens: fc.constant(3),
  }),
  fc.record({ messages: fc.array(message, { minLength: 1, maxLength: 4 }), outputTokens: fc.constant(3) }),
);

describe('TextsDataset', () => {
  it('sends texts, messages and token ids as JSON, and repeats them from the first', () => {
    const spec: TextsSpec = {
      kind: 'texts',
      prompts: [
        { text: 'a"b', outputTokens: 1 },
        { messages: [{ role: 'user', content: 'a' }], outputTokens: 2 },
        { tokenIds: [5, 6], outputTokens: 3, pauseBeforeMs: 4 },
      ],
    };
    const dataset = new TextsDataset(spec, 4, [9, 8, 7]);
    const read = (index: number): unknown[] => {
      const { body, inputTokens, estimatedInputTokens, outputTokens } = dataset.prompt(index);
      return [
        body.kind,
        JSON.parse(Buffer.from(body.json).toString()),
        inputTokens,
        estimatedInputTokens,
        outputTokens,
      ];
    };
    expect([0, 1, 2, 3].map(read)).toEqual([
      ['text', 'a"b', undefined, 9, 1],
      ['messages', [{ role: 'user', content: 'a' }], undefined, 8, 2],
      ['token-ids', [5, 6], 2, 7, 3],
      ['text', 'a"b', undefined, 9, 1],
    ]);
    expect([0, 1, 2, 3, 4, 5].map((index) => dataset.pauseBeforeMs(index))).toEqual([
      undefined,
      undefined,
      4,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('warmUpTexts', () => {
  it('gives the requested number, none of which starts like a measured prompt', () => {
    fc.assert(
      fc.property(
        fc.array(prompt, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(),
        (prompts, count, seed) => {
          const spec: TextsSpec = { kind: 'texts', prompts };
          const warm = warmUpTexts(spec, count, seed);
          expect(warm.prompts).toHaveLength(count);
          expect(warmUpTexts(spec, count, seed)).toEqual(warm);
          const measured = prompts.map((_, index) => jsonOf(spec, index));
          for (let index = 0; index < count; index++) {
            const json = jsonOf(warm, index);
            expect(measured).not.toContain(json);
            expect(() => JSON.parse(json)).not.toThrow();
          }
        },
      ),
    );
  });

  it('shares no prefix with prompts that start alike, and has about their length', () => {
    const long = 'You are a helpful assistant. '.repeat(20);
    const warm = warmUpTexts(texts(long, `${long}b`), 4, 1);
    const heads = warm.prompts.map((one) => ('text' in one ? one.text.slice(0, 12) : ''));
    expect(new Set(heads).size).toBe(4);
    for (const one of warm.prompts) {
      expect('text' in one && one.text.slice(0, 8)).not.toBe(long.slice(0, 8));
      expect('text' in one && one.text.length).toBeLessThanOrEqual(long.length + 1);
    }
  });

  it('differs in the first message, whatever its role', () => {
    const messages = (content: unknown): TextsSpec => ({
      kind: 'texts',
      prompts: [
        {
          messages: [
            { role: 'system', content },
            { role: 'user', content: 'a' },
          ],
          outputTokens: 1,
        },
      ],
    });
    for (const content of ['Be short. '.repeat(20), '', null, [{ type: 'text', text: 'Be short.' }]]) {
      const [one] = warmUpTexts(messages(content), 1, 1).prompts;
      const first = one !== undefined && 'messages' in one ? one.messages[0] : undefined;
      expect(JSON.stringify(first?.content)).toMatch(/^("|\[\{"type":"text","text":")[a-z]+ [a-z]+ /);
    }
  });

  it('keeps the pauses of conversations', () => {
    const spec: TextsSpec = {
      kind: 'texts',
      prompts: [
        { text: 'a', outputTokens: 1 },
        { text: 'b', outputTokens: 1, pauseBeforeMs: 5 },
      ],
    };
    expect(warmUpTexts(spec, 4, 0).prompts.map(({ pauseBeforeMs }) => pauseBeforeMs)).toEqual([
      undefined,
      5,
      undefined,
      5,
    ]);
  });

  it('is empty if there are no prompts', () => {
    expect(warmUpTexts(texts(), 3, 0).prompts).toEqual([]);
  });
});
