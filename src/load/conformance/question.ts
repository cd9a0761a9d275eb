import type { Examinee } from './examinee.ts';

/** What an answer means to a measurement. */
export type Grade =
  /** As the client expects it of a good server. */
  | 'fine'
  /** The client reads it rightly, but the figures mean something else than a reader may think. */
  | 'note'
  /** Some figure cannot be right, or cannot be had. */
  | 'harm'
  /** The server did not answer the question. */
  | 'unknown';

export interface ConformanceFinding {
  readonly answer: string;
  /** What follows for a measurement. */
  readonly means: string;
  readonly grade: Grade;
  /** The numbers and words the answer rests on. */
  readonly facts?: Readonly<Record<string, number | string | boolean | null>> | undefined;
}

/** One question to a server. Adding one is an object in the list of its file. */
export interface ConformanceQuestion {
  readonly name: string;
  /** A yes-no or how question, as it is printed. */
  readonly text: string;
  /** Whether it makes sense to ask it of a backend; of all, if not given. */
  readonly appliesTo?: (examinee: Examinee) => boolean;
  /** Rejects when the signal is aborted or there is no connection. */
  readonly ask: (examinee: Examinee, signal: AbortSignal) => Promise<ConformanceFinding>;
}

/** A finding of an answer that is an error where none was expected. */
export function refused(what: string, means: string, grade: Grade = 'unknown'): ConformanceFinding {
  return { answer: `refused: ${what}`, means, grade };
}
