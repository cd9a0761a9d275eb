import { lastNumber, markedNumber, sameNumber } from '../extract.ts';
import type { EvalItem, EvalMetric } from '../task.ts';

/** Text that models tend to write if they continue after their answer. */
export const gsm8kStop = ['Question:', '</s>', '<|im_end|>'];

/**
 * The two metrics that are published for GSM8K. Strict: the number after `####`. Flexible: the last number of the
 * answer, whatever surrounds it.
 */
export const gsm8kMetrics: readonly [EvalMetric, EvalMetric] = [
  {
    name: 'em_strict',
    score: (answer, reference) => Number(sameNumber(markedNumber(answer), reference)),
  },
  {
    name: 'em_flexible',
    score: (answer, reference) => Number(sameNumber(lastNumber(answer), reference)),
  },
];

/** A question with its worked solution, which ends in `#### n`. */
export interface WorkedQuestion {
  readonly question: string;
  readonly answer: string;
}

function gsm8kPrompt(examples: readonly WorkedQuestion[], question: string): string {
  const shown = examples.map((example) => `Question: ${example.question}\nAnswer: ${example.answer}\n\n`);
  return `${shown.join('')}Question: ${question}\nAnswer:`;
}

/**
 * Creates items from worked questions, each preceded by the same examples; the reference is the number after `####`.
 */
export function gsm8kItems(
  asked: readonly WorkedQuestion[],
  examples: readonly WorkedQuestion[],
): EvalItem[] {
  return asked.map(({ question, answer }, index) => ({
    id: String(index),
    prompt: gsm8kPrompt(examples, question),
    reference: markedNumber(answer),
  }));
}
