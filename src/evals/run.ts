import { setTimeout as delay } from 'node:timers/promises';
import { AskError, type AskErrorClass, ask, type EvalAnswer, type EvalTarget } from './ask.ts';
import { type MeanScore, scoreOf } from './statistics.ts';
import type { EvalItem, EvalTask } from './task.ts';

/** The progress of a task. */
export interface EvalProgress {
  readonly task: string;
  readonly done: number;
  readonly total: number;
  readonly errors: number;
  /** Mean of the task's score so far; undefined before the first answer. */
  readonly score: number | undefined;
}

export interface EvalContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: EvalProgress) => void;
  /** Most questions in flight. */
  readonly concurrency: number;
  /** Timeout of one answer, in seconds. */
  readonly requestTimeoutS: number;
  /** Timeout of one task, in seconds; questions without an answer by then count as unanswered. */
  readonly taskTimeoutS: number;
  /** If the signal is aborted, return the result so far instead of throwing. */
  readonly keepsInterrupted?: boolean;
}

export const defaultEvalContext = { concurrency: 8, requestTimeoutS: 600, taskTimeoutS: 3600 } as const;

/** A question and its outcome. */
export interface JudgedItem {
  readonly id: string;
  readonly prompt: string;
  readonly reference?: string;
  /** Truncated if it is longer than any sensible answer. */
  readonly answer?: string;
  readonly truncated?: boolean;
  /** Credit by metric; absent if there was no answer or nothing to compare it with. */
  readonly scores?: Readonly<Record<string, number>>;
  readonly error?: { readonly errorClass: AskErrorClass | 'not-asked'; readonly message: string };
}

/** The result of running a task on an engine. */
export interface TaskResult {
  readonly task: string;
  readonly revision: string;
  /** The metric that is the task's score. */
  readonly scoreName: string;
  readonly scores: Readonly<Record<string, MeanScore>>;
  /** `incomplete` if a question got no answer: the score covers the others, and no gate judges it. */
  readonly state: 'complete' | 'incomplete';
  readonly asked: number;
  readonly answered: number;
  /** Answers that were cut off at the token limit; a score with many of them is meaningless. */
  readonly truncated: number;
  readonly outputTokens: number | null;
  readonly durationS: number;
  /** Questions without an answer, by class, with an example. */
  readonly errors: Readonly<Record<string, { readonly count: number; readonly example: string }>>;
  readonly items: readonly JudgedItem[];
}

/** Tries per question, if it could not be sent or the server was starting or full. */
const tries = 3;
const retryDelayMs = 500;

/**
 * Runs a task on a running engine. A question without an answer is an error in the result, never an exception. If no
 * question is answered any more, the rest is not asked. Throws the signal's reason if aborted, unless the result so far
 * is to be kept.
 */
export async function runTask(target: EvalTarget, task: EvalTask, context: EvalContext): Promise<TaskResult> {
  return await new TaskRun(target, task, context).run();
}

class TaskRun {
  readonly #target: EvalTarget;
  readonly #task: EvalTask;
  readonly #context: EvalContext;
  readonly #startMs = performance.now();
  readonly #judged = new Map<EvalItem, JudgedItem>();
  #next = 0;
  #errors = 0;
  #errorsInARow = 0;
  /** NaN after an answer without a token count. */
  #outputTokens = 0;
  /** The credits in the task's main metric. */
  readonly #credits: number[] = [];

  constructor(target: EvalTarget, task: EvalTask, context: EvalContext) {
    this.#target = target;
    this.#task = task;
    this.#context = context;
  }

  async run(): Promise<TaskResult> {
    this.#tell();
    const { items, metrics } = this.#task;
    const workers = Math.min(this.#context.concurrency, items.length);
    await Promise.all(Array.from({ length: workers }, () => this.#work()));
    const judged = items.flatMap((item) => this.#judged.get(item) ?? []);
    return {
      task: this.#task.name,
      revision: this.#task.revision,
      scoreName: metrics[0].name,
      scores: Object.fromEntries(
        metrics.map(({ name }) => [name, scoreOf(judged.flatMap(({ scores }) => scores?.[name] ?? []))]),
      ),
      state: this.#errors === 0 ? 'complete' : 'incomplete',
      asked: items.length,
      answered: items.length - this.#errors,
      truncated: judged.filter(({ truncated }) => truncated === true).length,
      outputTokens: Number.isNaN(this.#outputTokens) ? null : this.#outputTokens,
      durationS: this.#elapsedS(),
      errors: errorsByClass(judged),
      items: judged,
    };
  }

  /** Asks one question after another until none is left. */
  async #work(): Promise<void> {
    const { items } = this.#task;
    for (let item = items[this.#next++]; item !== undefined; item = items[this.#next++]) {
      this.#judged.set(item, await this.#askAndJudge(item));
      this.#tell();
    }
  }

  async #askAndJudge(item: EvalItem): Promise<JudgedItem> {
    const { requestTimeoutS, taskTimeoutS, concurrency } = this.#context;
    const timeoutS = Math.min(requestTimeoutS, taskTimeoutS - this.#elapsedS());
    if (timeoutS <= 0)
      return this.#unanswered(item, 'not-asked', `the task's timeout of ${taskTimeoutS} s has expired`);
    if (this.#errorsInARow >= Math.max(8, 2 * concurrency) && !this.#context.signal.aborted)
      return this.#unanswered(item, 'not-asked', 'the remaining questions were not answered');
    const outcome = await this.#outcomeOf(item, timeoutS);
    if (outcome === 'interrupted') return this.#unanswered(item, 'not-asked', 'interrupted');
    if (outcome instanceof AskError) return this.#unanswered(item, outcome.errorClass, outcome.message);
    this.#errorsInARow = 0;
    this.#outputTokens += outcome.outputTokens ?? Number.NaN;
    const judged = judge(this.#task, item, outcome);
    const credit = judged.scores?.[this.#task.metrics[0].name];
    if (credit !== undefined) this.#credits.push(credit);
    return judged;
  }

  async #outcomeOf(item: EvalItem, timeoutS: number): Promise<EvalAnswer | AskError | 'interrupted'> {
    const { signal, keepsInterrupted = false } = this.#context;
    const interrupted = (): boolean => signal.aborted && keepsInterrupted;
    if (interrupted()) return 'interrupted';
    try {
      return await askAgain(this.#target, this.#task, item, timeoutS, signal);
    } catch (error) {
      if (interrupted()) return 'interrupted';
      throw error;
    }
  }

  #unanswered(
    { id, prompt }: EvalItem,
    errorClass: NonNullable<JudgedItem['error']>['errorClass'],
    message: string,
  ): JudgedItem {
    this.#errors += 1;
    this.#errorsInARow += 1;
    return { id, prompt, error: { errorClass, message } };
  }

  #elapsedS(): number {
    return (performance.now() - this.#startMs) / 1000;
  }

  #tell(): void {
    this.#context.onProgress({
      task: this.#task.name,
      done: this.#judged.size,
      total: this.#task.items.length,
      errors: this.#errors,
      score: scoreOf(this.#credits).mean,
    });
  }
}

async function askAgain(
  target: EvalTarget,
  { maxTokens, stop }: EvalTask,
  { prompt }: EvalItem,
  timeoutS: number,
  signal: AbortSignal,
): Promise<EvalAnswer | AskError> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(target, { prompt, maxTokens, stop }, { timeoutS, signal });
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      if (!error.transient || attempt === tries) return error;
      await delay(retryDelayMs * attempt, undefined, { signal });
    }
  }
}

/** Limits the record of a task with thousands of questions to a manageable size. */
const keptCharacters = 32_768;

function judge(
  task: EvalTask,
  { id, prompt, reference }: EvalItem,
  { text, truncated }: EvalAnswer,
): JudgedItem {
  const answer = beforeStop(text, task.stop);
  const answered = {
    id,
    prompt,
    answer: answer.slice(0, keptCharacters),
    truncated: truncated && answer === text,
  };
  if (reference === undefined) return answered;
  const scores = Object.fromEntries(
    task.metrics.map((metric) => [metric.name, metric.score(answer, reference)]),
  );
  return { ...answered, reference, scores };
}

/** The text before the first stop text, because not every server supports them. */
export function beforeStop(text: string, stop: readonly string[]): string {
  const ends = stop.map((one) => text.indexOf(one)).filter((index) => index >= 0);
  return text.slice(0, Math.min(text.length, ...ends));
}

function errorsByClass(items: readonly JudgedItem[]): TaskResult['errors'] {
  const classes = new Map<string, { count: number; example: string }>();
  for (const { error } of items) {
    if (error === undefined) continue;
    const known = classes.get(error.errorClass);
    classes.set(error.errorClass, {
      count: (known?.count ?? 0) + 1,
      example: known?.example ?? error.message,
    });
  }
  return Object.fromEntries(classes);
}
