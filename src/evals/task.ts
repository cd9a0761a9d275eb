import { createHash } from 'node:crypto';

/** One question of a task. */
export interface EvalItem {
  /** Unique in the task and the same at every run. */
  readonly id: string;
  /** What is sent, examples included. */
  readonly prompt: string;
  /** What a right answer says; undefined where there is nothing to compare with yet. */
  readonly reference: string | undefined;
}

/** One way of judging an answer. */
export interface EvalMetric {
  /** As published, such as `em_strict`. */
  readonly name: string;
  /** The credit an answer earns, from 0 (wrong) to 1 (right). */
  score(answer: string, reference: string): number;
}

/** An accuracy task: what is asked and how answers are judged. Plain data and pure functions. */
export interface EvalTask {
  /** As published, such as `gsm8k`. */
  readonly name: string;
  /** Identifies the exact questions and rules: scores are comparable only where it is equal. */
  readonly revision: string;
  readonly items: readonly EvalItem[];
  /** An answer is cut off after so many tokens. */
  readonly maxTokens: number;
  /** Texts that end an answer. */
  readonly stop: readonly string[];
  /** The first one is the task's score. */
  readonly metrics: readonly [EvalMetric, ...EvalMetric[]];
  /** Of a task whose reference answers are a reference engine's: the score of an equal engine, and the loss that passes. */
  readonly expected?: { readonly score: number; readonly tolerance: number };
}

/** What a task is made from. */
export interface TaskOptions {
  /** The most questions asked; all there are by default. */
  readonly limit?: number;
  /** For tasks that are generated: the same seed gives the same questions. */
  readonly seed?: number;
}

/** Makes a task of its parts; the revision is a digest of everything that decides a score but the answers. */
export function defineTask(parts: Omit<EvalTask, 'revision'>): EvalTask {
  const { name, items, maxTokens, stop, metrics } = parts;
  const asked = items.map(({ id, prompt, reference }) => [id, prompt, reference ?? null]);
  const rules = [name, maxTokens, stop, metrics.map((metric) => metric.name), asked];
  const revision = createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 12);
  return { ...parts, revision };
}
