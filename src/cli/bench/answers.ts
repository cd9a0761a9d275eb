import type { WatchedResult } from '../../app/watch-bench-server.ts';
import { defined } from '../../defined/defined.ts';
import { defaultEvalContext, doubtOfAnswers, type EvalTarget, LoadQuestions } from '../../evals/index.ts';
import { type LoadContext, type LoadTest, type RequestRecord, withDoubts } from '../../load/index.ts';

/** Tokens of a question among prompts whose length is unknown. */
const usualInputTokens = 256;

export interface AnswersAsked {
  readonly share: number;
  readonly apiKey: string | undefined;
  readonly signal: AbortSignal;
  /** Whether saved requests keep the texts. */
  readonly savesTexts: boolean;
  readonly note: (text: string) => void;
}

/**
 * Measures with questions among the requests, then asks the same questions alone. A point whose answers are
 * significantly worse under load is suspect.
 */
export async function withQuestions(
  test: LoadTest,
  { share, apiKey, signal, savesTexts, note }: AnswersAsked,
  onRequests: LoadContext['onRequests'],
  measure: (test: LoadTest, onRequests: LoadContext['onRequests']) => Promise<WatchedResult>,
): Promise<WatchedResult> {
  const { dataset, numPrompts, seed } = test;
  const inputTokens = 'inputLen' in dataset ? dataset.inputLen : usualInputTokens;
  const questions = new LoadQuestions({ share, inputTokens, requests: numPrompts, seed });
  const seen = function* (requests: Iterable<RequestRecord>) {
    for (const request of requests) {
      questions.see(request);
      yield savesTexts ? request : { ...request, text: null };
    }
  };
  const result = await measure({ ...test, ...questions.settings }, async (requests) => {
    if (onRequests === undefined) for (const request of requests) questions.see(request);
    else await onRequests(seen(requests));
  });
  if (result.partial === true) return result;
  note('asking the questions of this test again, one at a time');
  const target: EvalTarget = {
    baseUrl: test.baseUrl,
    model: test.model,
    api: test.useChatTemplate || test.backend === 'openai-chat' ? 'chat' : 'completions',
    ...defined({ apiKey }),
  };
  const answers = await questions.judge(target, { ...defaultEvalContext, signal });
  const doubt = doubtOfAnswers(answers);
  return {
    ...result,
    answers_under_load: answers,
    fidelity: withDoubts(result.fidelity, doubt === undefined ? [] : [doubt]),
  };
}

/** The answers as lines of the result table. */
export function answerLines({ answers_under_load: answers }: WatchedResult): readonly string[] {
  if (answers === undefined) return [];
  const { asked, answered, correct, score_alone: alone, cost, verdict, reason } = answers;
  const row = (name: string, value: string) => `${`${name}:`.padEnd(36)}${value}`;
  const share = (value: number | null) => (value === null ? 'unknown' : `${(100 * value).toFixed(1)} %`);
  const ms = (value: number | null) => (value === null ? 'unknown' : `${value.toFixed(0)} ms`);
  return [
    row('Answers under load', `${correct} of ${answered} correct (${asked} asked), alone ${share(alone)}`),
    row('  verdict', `${verdict}: ${reason}`),
    row('  share of the output tokens', share(cost.output_token_share)),
    row('  mean end-to-end latency', `${ms(cost.mean_e2el_ms)}, others ${ms(cost.others_mean_e2el_ms)}`),
  ];
}
