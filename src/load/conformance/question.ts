import type { Examinee } from './examinee.ts';

/** What an answer means for measurements. */
export type Grade =
  /** As the client expects from a good server. */
  | 'fine'
  /** The client handles it, but figures may not mean what a reader thinks. */
  | 'note'
  /** A figure is wrong or unavailable. */
  | 'harm'
  /** The server did not answer the question. */
  | 'unknown';

export interface ConformanceFinding {
  readonly answer: string;
  /** The consequence for measurements. */
  readonly means: string;
  readonly grade: Grade;
  /** The facts behind the answer. */
  readonly facts?: Readonly<Record<string, number | string | boolean | null>> | undefined;
}

/** A question about a server. To add one, add an object to the list in its file. */
export interface ConformanceQuestion {
  readonly name: string;
  /** The question as it is printed. */
  readonly text: string;
  /** Whether it applies to a server; if undefined, it applies to all. */
  readonly appliesTo?: (examinee: Examinee) => boolean;
  /** Rejects if the signal is aborted or there is no connection. */
  readonly ask: (examinee: Examinee, signal: AbortSignal) => Promise<ConformanceFinding>;
}

/** A finding for an unexpected error. */
export function refused(what: string, means: string, grade: Grade = 'unknown'): ConformanceFinding {
  return { answer: `rejected: ${what}`, means, grade };
}
