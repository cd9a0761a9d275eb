import { createHash } from 'node:crypto';

/** One question of a task. */
export interface EvalItem {
  /** Unique within the task, and the same in every run. */
  readonly id: string;
  /** The text that is sent, including examples. */
  readonly prompt: string;
  /** The correct answer; undefined if there is nothing to compare with yet. */
  readonly reference: string | undefined;
}

/** A way to judge an answer. */
export interface EvalMetric {
  /** The published name, such as `em_strict`. */
  readonly name: string;
  /** The credit for an answer, from 0 (wrong) to 1 (correct). */
  score(answer: string, reference: string): number;
}

/** An accuracy task: what is asked and how answers are judged. Plain data and pure functions. */
export interface EvalTask {
  /** The published name, such as `gsm8k`. */
  readonly name: string;
  /** Identifies the exact questions and rules; only scores with the same revision are comparable. */
  readonly revision: string;
  readonly items: readonly EvalItem[];
  /** Token limit of an answer. */
  readonly maxTokens: number;
  /** Texts that end an answer. */
  readonly stop: readonly string[];
  /** The first metric is the task's score. */
  readonly metrics: readonly [EvalMetric, ...EvalMetric[]];
  /**
   * For a task whose reference answers come from a reference engine: the score of an equal engine, and the accepted
   * loss.
   */
  readonly expected?: { readonly score: number; readonly tolerance: number };
}

/** Options of a task. */
export interface TaskOptions {
  /** The number of questions; all by default. */
  readonly limit?: number;
  /** For generated tasks: the same seed gives the same questions. */
  readonly seed?: number;
  /** For tasks over a long prompt: its length in tokens, approximately. */
  readonly inputTokens?: number;
}

/** Completes a task with its revision, a digest of everything that determines a score except the answers. */
export function defineTask(parts: Omit<EvalTask, 'revision'>): EvalTask {
  const { name, items, maxTokens, stop, metrics } = parts;
  const asked = items.map(({ id, prompt, reference }) => [id, prompt, reference ?? null]);
  const rules = [name, maxTokens, stop, metrics.map((metric) => metric.name), asked];
  const revision = createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 12);
  return { ...parts, revision };
}
