import type { Dataset, Prompt, Said } from './dataset.ts';
import { bodyOf } from './texts.ts';

/** Questions with known answers among a test's requests. */
export interface QuestionsSpec {
  readonly prompts: readonly string[];
  /** Their share of the requests, above 0 and up to 1. */
  readonly share: number;
}

/** Corrects sums of binary fractions such as 10 × 0.1. */
const rounding = 1e-9;

/** The number of questions among this many requests. */
export function questionsAmong(requests: number, { share }: Pick<QuestionsSpec, 'share'>): number {
  return Math.floor(requests * share + rounding);
}

/** Which question a request is, counted from 0; undefined for other requests. Questions are spread evenly. */
export function questionAt(index: number, spec: Pick<QuestionsSpec, 'share'>): number | undefined {
  const before = questionsAmong(index, spec);
  return questionsAmong(index + 1, spec) > before ? before : undefined;
}

/** A data set in which questions replace some prompts; they have the lengths of the replies that they replace. */
export class WithQuestions implements Dataset {
  readonly length: number;
  readonly #others: Dataset;
  readonly #spec: QuestionsSpec;

  constructor(others: Dataset, spec: QuestionsSpec) {
    this.length = others.length;
    this.#others = others;
    this.#spec = spec;
  }

  prompt(index: number, said?: Said): Prompt {
    const other = this.#others.prompt(index, said);
    const number = questionAt(index, this.#spec);
    const text = number === undefined ? undefined : this.#spec.prompts[number % this.#spec.prompts.length];
    if (text === undefined) return other;
    return {
      body: bodyOf({ text, outputTokens: 0 }),
      inputTokens: undefined,
      outputTokens: other.outputTokens,
    };
  }

  pauseBeforeMs(index: number): number | undefined {
    return this.#others.pauseBeforeMs?.(index);
  }
}
