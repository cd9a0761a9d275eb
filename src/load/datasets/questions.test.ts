import { expect, test } from 'vitest';
import { WithQuestions } from './questions.ts';

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
