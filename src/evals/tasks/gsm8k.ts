import { z } from 'zod';
import { InputError, type Problem } from '../../errors.ts';
import { reasonFor } from '../../schema-words.ts';
import { markedNumber } from '../extract.ts';
import { defineTask, type EvalTask, type TaskOptions } from '../task.ts';
import { workedExamples } from './arithmetic.ts';
import { gsm8kItems, gsm8kMetrics, gsm8kStop, type WorkedQuestion } from './gsm8k-rules.ts';

const exampleCount = 5;

/**
 * GSM8K, or any file in its format, that the user provides. Five worked examples precede each question: the first ones
 * of `examples` if given (GSM8K's training file), otherwise generated ones.
 */
export function gsm8k(
  questions: readonly WorkedQuestion[],
  { limit, examples }: TaskOptions & { readonly examples?: readonly WorkedQuestion[] } = {},
): EvalTask {
  return defineTask({
    name: 'gsm8k',
    items: gsm8kItems(
      questions.slice(0, limit),
      examples?.slice(0, exampleCount) ?? workedExamples(exampleCount),
    ),
    maxTokens: 1024,
    stop: gsm8kStop,
    metrics: gsm8kMetrics,
  });
}

const line = z.object({
  question: z.string().min(1),
  answer: z
    .string()
    .refine((answer) => markedNumber(answer) !== undefined, 'expected a last line `#### <number>`'),
});

/** Reading stops after this many invalid lines. */
const mostProblems = 10;

/** Reads questions from JSON lines with `question` and `answer`. Throws InputError with every invalid line. */
export function parseGsm8k(text: string, file: string): WorkedQuestion[] {
  const problems: Problem[] = [];
  const questions: WorkedQuestion[] = [];
  for (const [index, row] of text.split('\n').entries()) {
    if (row.trim() === '') continue;
    try {
      questions.push(line.parse(JSON.parse(row)));
    } catch (error) {
      problems.push({ file, line: index + 1, message: `not a GSM8K question: ${reasonFor(error)}` });
      if (problems.length === mostProblems) break;
    }
  }
  if (questions.length === 0 && problems.length === 0)
    problems.push({
      file,
      message: 'no questions in the file',
      hint: 'expected lines like {"question": "…", "answer": "… #### 7"}',
    });
  if (problems.length > 0) throw new InputError(problems, undefined, { code: 'not-a-result' });
  return questions;
}
