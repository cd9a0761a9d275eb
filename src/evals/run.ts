import { setTimeout as delay } from 'node:timers/promises';
import { AskError, type AskErrorClass, ask, type EvalAnswer, type EvalTarget } from './ask.ts';
import { type MeanScore, scoreOf } from './statistics.ts';
import type { EvalItem, EvalTask } from './task.ts';

/** How far a task is. */
export interface EvalProgress {
  readonly task: string;
  readonly done: number;
  readonly total: number;
  readonly errors: number;
  /** Mean of the task's score over what is judged so far; undefined before the first. */
  readonly score: number | undefined;
}

export interface EvalContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: EvalProgress) => void;
  /** Questions in flight at most. */
  readonly concurrency: number;
  /** The most one answer may take, seconds. */
  readonly requestTimeoutS: number;
  /** The most one task may take, seconds; what is not answered by then counts as unanswered. */
  readonly taskTimeoutS: number;
  /** A task that the signal ends has a result, of what was answered until then, in place of throwing. */
  readonly keepsInterrupted?: boolean;
}

export const defaultEvalContext = { concurrency: 8, requestTimeoutS: 600, taskTimeoutS: 3600 } as const;

/** A question and what came of it. */
export interface JudgedItem {
  readonly id: string;
  readonly prompt: string;
  readonly reference?: string;
  /** Its first characters, where it is longer than any answer to such a question. */
  readonly answer?: string;
  readonly truncated?: boolean;
  /** Credit by metric; absent where there was no answer or nothing to compare it with. */
  readonly scores?: Readonly<Record<string, number>>;
  readonly error?: { readonly errorClass: AskErrorClass | 'not-asked'; readonly message: string };
}

/** A task that was run on an engine. */
export interface TaskResult {
  readonly task: string;
  readonly revision: string;
  /** The metric that is the task's score. */
  readonly scoreName: string;
  readonly scores: Readonly<Record<string, MeanScore>>;
  /** `incomplete` where a question got no answer: its score is of the others and is judged by no gate. */
  readonly state: 'complete' | 'incomplete';
  readonly asked: number;
  readonly answered: number;
  /** Answers that were cut off at the token limit; many of them make a score meaningless. */
  readonly truncated: number;
  readonly outputTokens: number | null;
  readonly durationS: number;
  /** Questions without an answer, by class, with an example. */
  readonly errors: Readonly<Record<string, { readonly count: number; readonly example: string }>>;
  readonly items: readonly JudgedItem[];
}

/** A question that could not be sent, or that a server which is starting or full refused, is asked again so often. */
const tries = 3;
const retryDelayMs = 500;

/**
 * Runs a task on a running engine. A question without an answer is an error in the result, never an exception; when
 * nothing is answered at all any more, the rest is not asked. Throws the signal's reason when aborted, unless what was
 * answered is to be kept.
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
  /** NaN once an answer came without a count. */
  #outputTokens = 0;
  /** The credits by the task's main metric. */
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

  /** Asks one question after the other, until none is left. */
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
    if (timeoutS <= 0) return this.#unanswered(item, 'not-asked', `the task's ${taskTimeoutS} s were over`);
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

/** So that the record of a task of thousands of questions stays one that can be written and read. */
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

/** Not every server knows stop texts: what comes after the first one is not part of the answer. */
function beforeStop(text: string, stop: readonly string[]): string {
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
