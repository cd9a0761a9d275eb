import { defined } from '../../defined/defined.ts';
import type { EvalTask, TaskOptions } from '../task.ts';
import { agreement, type ReferenceAnswers } from './agreement.ts';
import { arithmetic } from './arithmetic.ts';
import { gsm8k } from './gsm8k.ts';
import type { WorkedQuestion } from './gsm8k-rules.ts';
import { longRecall } from './long-recall.ts';
import { recall } from './recall.ts';

/** Input for tasks, in addition to their options. */
export interface TaskMaterial {
  /** The reference engine's answers to `agreement`. */
  readonly referenceAnswers?: ReferenceAnswers;
  /** The questions of a GSM8K file. */
  readonly questions?: readonly WorkedQuestion[];
  /** The examples shown before them. */
  readonly examples?: readonly WorkedQuestion[];
}

interface TaskKind {
  /** One line for the list of tasks. */
  readonly summary: string;
  make(options: TaskOptions, material: TaskMaterial): EvalTask;
}

/** All tasks by name. To add one, add a file here and an entry. */
export const taskKinds = {
  recall: {
    summary: 'look up one of several numbers in the prompt (generated)',
    make: recall,
  },
  long_recall: {
    summary: 'look up one line of a prompt as long as --input-tokens (generated)',
    make: longRecall,
  },
  arithmetic: {
    summary: 'word problems in the style of GSM8K (generated)',
    make: arithmetic,
  },
  agreement: {
    summary: 'greedy answers compared with those of a reference engine or precision',
    make: (options, { referenceAnswers }) => agreement(options, referenceAnswers),
  },
  gsm8k: {
    summary: 'GSM8K, or your own file in its format',
    make: (options, { questions = [], examples }) =>
      gsm8k(questions, { ...options, ...defined({ examples }) }),
  },
} as const satisfies Readonly<Record<string, TaskKind>>;

export type TaskName = keyof typeof taskKinds;

export const taskNames = Object.keys(taskKinds).filter((name): name is TaskName => name in taskKinds);
