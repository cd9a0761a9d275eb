import fc from 'fast-check';
import { expect, test } from 'vitest';
import { questionAt, questionsAmong, WithQuestions } from './questions.ts';

test('questions are spread evenly, are counted from 0, and are as many as their share says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 400 }), (percent, requests) => {
      const spec = { share: percent / 100 };
      const numbers = Array.from({ length: requests }, (_, index) => questionAt(index, spec));
      const asked = numbers.filter((number) => number !== undefined);
      expect(asked).toEqual(Array.from({ length: asked.length }, (_, index) => index));
      expect(asked).toHaveLength(Math.floor((percent * requests) / 100));
      expect(questionsAmong(requests, spec)).toBe(asked.length);
    }),
  );
});

test('a question replaces a prompt, and its reply is as long as that of the prompt', () => {
  const plain = {
    length: 4,
    prompt: (index: number) => ({
      body: { kind: 'token-ids' as const, json: Buffer.from('[1]') },
      inputTokens: 1,
      outputTokens: 10 + index,
    }),
  };
  const mixed = new WithQuestions(plain, { prompts: ['Who?', 'Where?'], share: 0.5 });
  const sent = [0, 1, 2, 3].map((index) => mixed.prompt(index));
  expect(sent.map(({ body }) => String(body.json))).toEqual(['[1]', '"Who?"', '[1]', '"Where?"']);
  expect(sent.map(({ outputTokens }) => outputTokens)).toEqual([10, 11, 12, 13]);
  expect(sent[1]).toMatchObject({ body: { kind: 'text' }, inputTokens: undefined });
});

test('questions pass what the server said on to the other prompts', () => {
  const heard: unknown[] = [];
  const others = {
    length: 2,
    prompt: (_: number, said?: readonly (string | undefined)[]) => {
      heard.push(said);
      return { body: { kind: 'text', json: new Uint8Array() }, inputTokens: 1, outputTokens: 1 } as const;
    },
  };
  new WithQuestions(others, { prompts: ['q'], share: 0.5 }).prompt(0, ['a reply']);
  expect(heard).toEqual([['a reply']]);
});
