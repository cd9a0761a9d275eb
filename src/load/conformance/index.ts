import { shownServer } from '../http/server-url.ts';
import { LoadError } from '../load-error.ts';
import { countingQuestions } from './counting-questions.ts';
import { Examinee, type ExamineeSettings } from './examinee.ts';
import { lengthQuestions } from './length-questions.ts';
import type { ConformanceFinding, ConformanceQuestion } from './question.ts';
import { streamQuestions } from './stream-questions.ts';

export type { ExamineeSettings } from './examinee.ts';
export type { ConformanceFinding, ConformanceQuestion, Grade } from './question.ts';

/** All questions, in the order in which they are asked. */
export const questions: readonly ConformanceQuestion[] = [
  ...streamQuestions,
  ...countingQuestions,
  ...lengthQuestions,
];

/** A question with its finding. */
export interface Answered extends ConformanceFinding {
  readonly name: string;
  readonly question: string;
}

/** The findings about a server: plain data that can be stored with a result. */
export interface Conformance {
  readonly asked_at: string;
  /** Without user, password and query. */
  readonly base_url: string;
  readonly backend: string;
  readonly model: string;
  readonly findings: readonly Answered[];
}

export interface ConformanceContext {
  readonly signal: AbortSignal;
  /** Timeout of each question, in seconds. */
  readonly timeoutS: number;
  /** Names of the questions to ask; all by default. */
  readonly only?: readonly string[];
  readonly onAnswer?: (answered: Answered) => void;
  /** Draws the prompts; by default they are new each time. */
  readonly seed?: number;
}

/**
 * Asks a running server the questions whose answers the client relies on, one after another, each with a timeout.
 * Throws LoadError `cannot-connect` if no server listens.
 */
export async function askConformance(
  settings: ExamineeSettings,
  { signal, timeoutS, only, onAnswer, seed = Date.now() % 2 ** 31 }: ConformanceContext,
): Promise<Conformance> {
  const examinee = new Examinee(settings, seed);
  const askedAt = new Date();
  const findings: Answered[] = [];
  try {
    for (const question of questions) {
      if (only !== undefined && !only.includes(question.name)) continue;
      if (question.appliesTo?.(examinee) === false) continue;
      const finding = await answerTo(question, examinee, { signal, timeoutS });
      const answered = { name: question.name, question: question.text, ...finding };
      findings.push(answered);
      onAnswer?.(answered);
    }
  } finally {
    examinee.close();
  }
  return {
    asked_at: askedAt.toISOString(),
    base_url: shownServer(settings.baseUrl),
    backend: settings.backend,
    model: settings.model,
    findings,
  };
}

async function answerTo(
  question: ConformanceQuestion,
  examinee: Examinee,
  { signal, timeoutS }: { readonly signal: AbortSignal; readonly timeoutS: number },
): Promise<ConformanceFinding> {
  const deadline = AbortSignal.timeout(Math.ceil(1000 * timeoutS));
  try {
    return await question.ask(examinee, AbortSignal.any([signal, deadline]));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LoadError) throw error;
    if (deadline.aborted)
      return {
        answer: `no answer within ${timeoutS} s`,
        means: 'unknown; ask again with a longer --timeout',
        grade: 'unknown',
      };
    const server = shownServer(examinee.settings.baseUrl);
    const message = error instanceof Error ? error.message || error.name : String(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (/^(ECONNREFUSED|ENOENT|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/.test(code))
      throw new LoadError('cannot-connect', `cannot connect to ${server}: ${message || code}`, {
        hint: 'check that the server is running and ready at that address',
      });
    return { answer: `the connection broke: ${message}`, means: 'unknown', grade: 'unknown' };
  }
}
