import { type LoadTest, questionAt, questionsAmong, type RequestRecord } from '../load/index.ts';
import type { EvalTarget } from './ask.ts';
import { beforeStop, type EvalContext, runTask } from './run.ts';
import { scoreOf } from './statistics.ts';
import type { EvalItem, EvalTask } from './task.ts';
import { longRecall } from './tasks/long-recall.ts';

/** One question and its answers; null if there was none. */
interface AnsweredTwice {
  readonly prompt: string;
  readonly target: string;
  readonly answer: string | null;
  readonly correct: boolean | null;
  readonly alone: string | null;
  readonly correct_alone: boolean | null;
}

/** Answers that were given while an engine was measured, compared with those to the same questions asked alone. */
export interface AnswersUnderLoad {
  readonly task: string;
  readonly revision: string;
  /** The share of the requests that were questions. */
  readonly share: number;
  readonly asked: number;
  readonly answered: number;
  readonly correct: number;
  /** The share of correct answers with Wilson's interval; null without answers. */
  readonly score: number | null;
  readonly score_ci95: readonly [number, number] | null;
  readonly score_alone: number | null;
  /** Questions answered correctly only alone, or only under load. */
  readonly worse: number;
  readonly better: number;
  /** The probability of at least `worse` such questions if load did not matter (exact sign test). */
  readonly p_value: number | null;
  readonly verdict: 'pass' | 'fail' | 'not-judged';
  readonly reason: string;
  /** What they cost: their share of the output tokens, and their mean time next to that of the other requests. */
  readonly cost: {
    readonly output_token_share: number | null;
    readonly mean_e2el_ms: number | null;
    readonly others_mean_e2el_ms: number | null;
  };
  readonly items: readonly AnsweredTwice[];
}

/** A difference by chance is this rare if a point fails. */
const significance = 0.025;
/** Answers of replies as long as the benchmark's are kept up to their first lines. */
const keptCharacters = 200;
/** More questions would say nothing new, and asking them without load takes a long time. */
const mostQuestions = 400;

/** What a measured point asks besides its load. */
export interface AskedUnderLoad {
  readonly share: number;
  /** Tokens of the other prompts; the questions are about as long. */
  readonly inputTokens: number;
  readonly requests: number;
  readonly seed: number;
}

/** Questions that ride on one load test, and their answers. */
export class LoadQuestions {
  readonly #share: number;
  readonly #task: EvalTask;
  readonly #answers = new Map<number, string>();
  #asked = 0;
  readonly #tokens = { questions: 0, all: 0 };
  readonly #e2elMs = { questions: [] as number[], others: [] as number[] };

  constructor({ share, inputTokens, requests, seed }: AskedUnderLoad) {
    this.#share = share;
    const limit = Math.min(mostQuestions, Math.max(1, questionsAmong(requests, { share })));
    this.#task = longRecall({ limit, seed, inputTokens });
  }

  /** The settings of the load test that ask them. */
  get settings(): Pick<LoadTest, 'questions' | 'recorded'> {
    const prompts = this.#task.items.map(({ prompt }) => prompt);
    return { questions: { prompts, share: this.#share }, recorded: 'with-text' };
  }

  /** Takes the answers from what the load generator recorded. */
  see({ index, state, text, output_tokens: tokens, e2el_ms: e2elMs }: RequestRecord): void {
    const number = questionAt(index, { share: this.#share });
    const isReply = state === 'completed' || state === 'outside';
    const { length } = this.#task.items;
    if (number !== undefined) this.#asked = Math.min(length, Math.max(this.#asked, number + 1));
    if (!isReply) return;
    this.#tokens.all += tokens ?? Number.NaN;
    if (e2elMs !== null) this.#e2elMs[number === undefined ? 'others' : 'questions'].push(e2elMs);
    if (number === undefined) return;
    this.#tokens.questions += tokens ?? Number.NaN;
    // Further requests repeat the questions.
    if (text !== null && number < length) this.#answers.set(number, beforeStop(text, this.#task.stop));
  }

  /** Asks the same questions alone, one after another, and compares. Throws the signal's reason if aborted. */
  async judge(
    target: EvalTarget,
    context: Pick<EvalContext, 'signal' | 'requestTimeoutS' | 'taskTimeoutS'>,
  ): Promise<AnswersUnderLoad> {
    const items = this.#task.items.slice(0, this.#asked);
    const alone = await runTask(
      target,
      { ...this.#task, items },
      { ...context, concurrency: 1, onProgress: () => {} },
    );
    const aloneById = new Map(alone.items.map(({ id, answer }) => [id, answer]));
    const twice = items.map((item, number): AnsweredTwice => {
      const [answer, ownAlone] = [this.#answers.get(number), aloneById.get(item.id)];
      return {
        prompt: item.prompt,
        target: item.reference ?? '',
        answer: answer?.slice(0, keptCharacters) ?? null,
        correct: this.#isCorrect(item, answer),
        alone: ownAlone ?? null,
        correct_alone: this.#isCorrect(item, ownAlone),
      };
    });
    return { ...this.#compared(twice), items: twice };
  }

  #isCorrect({ reference }: EvalItem, answer: string | undefined): boolean | null {
    if (answer === undefined || reference === undefined) return null;
    return this.#task.metrics[0].score(answer, reference) === 1;
  }

  #compared(items: readonly AnsweredTwice[]): Omit<AnswersUnderLoad, 'items'> {
    const credits = (which: 'correct' | 'correct_alone') =>
      items.flatMap((item) => (item[which] === null ? [] : [Number(item[which])]));
    const [loaded, alone] = [scoreOf(credits('correct')), scoreOf(credits('correct_alone'))];
    const worse = items.filter((item) => item.correct === false && item.correct_alone === true).length;
    const better = items.filter((item) => item.correct === true && item.correct_alone === false).length;
    const compared = items.filter((item) => item.correct !== null && item.correct_alone !== null).length;
    const right = items.filter((item) => item.correct_alone === true).length;
    const p = compared === 0 || right === 0 ? null : signTest(worse, better);
    const fails = p !== null && p < significance;
    const { questions, all } = this.#tokens;
    return {
      task: this.#task.name,
      revision: this.#task.revision,
      share: this.#share,
      asked: items.length,
      answered: loaded.n,
      correct: items.filter((item) => item.correct === true).length,
      score: loaded.mean ?? null,
      score_ci95: loaded.interval95 ?? null,
      score_alone: alone.mean ?? null,
      worse,
      better,
      p_value: p,
      verdict: p === null ? 'not-judged' : fails ? 'fail' : 'pass',
      reason:
        p === null
          ? right === 0 && compared > 0
            ? 'the model answers none of the questions, even alone'
            : 'no question was answered both under load and alone'
          : `${worse} of ${compared} questions were answered correctly only alone, ${better} only under load`,
      cost: {
        output_token_share: all > 0 ? questions / all : null,
        mean_e2el_ms: meanOf(this.#e2elMs.questions),
        others_mean_e2el_ms: meanOf(this.#e2elMs.others),
      },
    };
  }
}

/** Why a measurement with these answers is in doubt; undefined if it is not. */
export function doubtOfAnswers({ verdict, reason }: AnswersUnderLoad): string | undefined {
  return verdict === 'fail' ? `answers are wrong under this load: ${reason}` : undefined;
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The probability of at least `worse` heads in `worse + better` throws of a coin. */
function signTest(worse: number, better: number): number {
  const n = worse + better;
  let [term, sum] = [0.5 ** n, 0];
  for (let heads = n; heads >= worse; heads--) {
    sum += term;
    term *= heads / (n - heads + 1);
  }
  return Math.min(1, sum);
}
