import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../errors.ts';
import type { EvalTask } from '../task.ts';
import { agreement } from './agreement.ts';
import { arithmetic, workedExamples } from './arithmetic.ts';
import { gsm8k, parseGsm8k } from './gsm8k.ts';
import { taskKinds, taskNames } from './index.ts';
import { recall } from './recall.ts';

function score(task: EvalTask, metric: string, answer: string, index = 0): number | undefined {
  const reference = task.items[index]?.reference;
  const found = task.metrics.find(({ name }) => name === metric);
  return reference === undefined ? undefined : found?.score(answer, reference);
}

test.each(taskNames.filter((name) => name !== 'gsm8k'))(
  '%s: the same seed gives the same questions, another seed different ones',
  (name) => {
    const make = (seed: number) => taskKinds[name].make({ seed, limit: 20 }, {});
    expect(make(7)).toMatchObject({ revision: make(7).revision, items: make(7).items });
    expect(make(8).revision).not.toBe(make(7).revision);
    expect(make(7).items).toHaveLength(20);
  },
);

describe('arithmetic', () => {
  test('every worked solution is correct: its equations are true and its answer is their result', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const { items } = arithmetic({ seed, limit: 5 });
        for (const { prompt, reference } of items) {
          expect(Number(reference)).toBeGreaterThan(0);
          expect(prompt.endsWith('\nAnswer:')).toBe(true);
          // The question itself is not among the worked examples.
          expect(prompt.split('Question:')).toHaveLength(6);
        }
      }),
    );
    for (const { answer } of workedExamples(200)) {
      const equations = [...answer.matchAll(/(\d+) ([-+*/]) (\d+) = (\d+)/g)];
      expect(equations.length).toBeGreaterThan(1);
      for (const [, a, operator, b, result] of equations) {
        const [x, y] = [Number(a), Number(b)];
        const value = { '+': x + y, '-': x - y, '*': x * y, '/': x / y }[operator ?? ''];
        expect(value).toBe(Number(result));
      }
      expect(answer.endsWith(`#### ${equations.at(-1)?.[4]}`)).toBe(true);
    }
  });

  test('a correct number without the mark counts only in the flexible metric', () => {
    const task = arithmetic({ limit: 1 });
    const right = task.items[0]?.reference;
    expect(score(task, 'em_strict', ` It is ${right}.`)).toBe(0);
    expect(score(task, 'em_flexible', ` It is ${right}.`)).toBe(1);
    expect(score(task, 'em_strict', ` It is so.\n#### ${right}`)).toBe(1);
  });
});

describe('recall', () => {
  test('the answer is in the prompt, in the sentence about the person asked about', () => {
    for (const { prompt, reference } of recall({ limit: 50 }).items) {
      const last = prompt.split('\n\n').at(-1) ?? '';
      const [facts = '', question = ''] = last.split('\n');
      expect(facts).toContain(`${question} ${reference}.`);
    }
  });
  test('the first thing mentioned counts', () => {
    const task = recall({ limit: 1 });
    const right = task.items[0]?.reference ?? '';
    const wrong = right === 'kite' ? 'ladder' : 'kite';
    expect(score(task, 'em_flexible', ` ${right}. Not the ${wrong}.`)).toBe(1);
    expect(score(task, 'em_flexible', ` ${wrong}, or the ${right}`)).toBe(0);
    expect(score(task, 'em_strict', ` ${right}.`)).toBe(1);
  });
});

describe('agreement', () => {
  const reference = new Map([['0', ' the sun rises over the hill']]);
  const task = agreement({ limit: 2 }, reference);
  test.each([
    [' the sun rises over the hill', 1, 1],
    [' the sun sets over the hill', 2 / 6, 0],
    [' the sun rises', 3 / 6, 0],
    [' a sun', 0, 0],
  ])('%j', (answer, prefix, exact) => {
    expect(score(task, 'common_prefix', answer)).toBeCloseTo(prefix);
    expect(score(task, 'exact', answer)).toBe(exact);
  });
  test('asks the same with and without reference answers, and judges only with them', () => {
    expect(agreement({ limit: 2 }).revision).toBe(task.revision);
    expect(score(task, 'exact', 'x', 1)).toBeUndefined();
  });
});

describe('a file in GSM8K’s format', () => {
  const row = (question: string, n: number) => JSON.stringify({ question, answer: `So it is.\n#### ${n}` });
  test('is asked with the given worked examples before each question', () => {
    const questions = parseGsm8k(`${row('How many?', 7)}\n${row('How far?', 1200)}\n`, 'test.jsonl');
    const task = gsm8k(questions, { limit: 1, examples: questions.slice(1) });
    expect(task.items).toEqual([
      {
        id: '0',
        prompt: 'Question: How far?\nAnswer: So it is.\n#### 1200\n\nQuestion: How many?\nAnswer:',
        reference: '7',
      },
    ]);
  });
  test('is rejected with every invalid line', () => {
    const text = `${row('How many?', 7)}\n{"question": "Why?", "answer": "because"}\nnot json\n`;
    const refused = () => parseGsm8k(text, 'test.jsonl');
    expect(refused).toThrow(InputError);
    expect(refused).toThrow(/test\.jsonl:2: .*#### <number>[\s\S]*test\.jsonl:3: /);
    expect(() => parseGsm8k('\n', 'empty.jsonl')).toThrow('empty.jsonl: no questions in the file');
  });
});
