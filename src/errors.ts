import { defined } from './defined/defined.ts';
/** A problem in the user's input, with its position if known. */
export interface Problem {
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /** What is wrong and what was expected, in one sentence. */
  readonly message: string;
  /** How to fix it. */
  readonly hint?: string;
}

/** What is wrong with a value; the caller adds where the value is written. */
export type Fault = Pick<Problem, 'message' | 'hint'>;

/** Invalid input or usage: exit code 2. Contains all problems, not only the first. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly exitCode: 1 | 2;
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[] | string, hint?: string, exitCode: 1 | 2 = 2) {
    const list = typeof problems === 'string' ? [{ message: problems, ...defined({ hint }) }] : problems;
    super(list.map(formatProblem).join('\n'));
    this.problems = list;
    this.exitCode = exitCode;
  }

  /**
   * The same with exit code 1, for commands whose public counterpart treats bad configs as a failed run and only bad
   * usage as 2.
   */
  asFailedRun(): InputError {
    return new InputError(this.problems, undefined, 1);
  }
}

/** The input was valid but the work failed: exit code 1. */
export class WorkError extends Error {
  override readonly name: string = 'WorkError';
  readonly exitCode = 1;
  readonly hint: string | undefined;

  constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.hint = options.hint;
  }
}

/** `file:line:column: message (hint)`, a form that editors and terminals make clickable. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  return `${place === '' ? '' : `${place}: `}${problem.message}${hint}`;
}

/** The system's error codes for files, in plain words. */
const fileTroubles: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
};

/** The message of a thrown value, for wrapping it in one of the errors above. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { code, path }: NodeJS.ErrnoException = thrown;
  const trouble = fileTroubles[code ?? ''];
  return trouble === undefined || path === undefined ? thrown.message : `${trouble} (${path})`;
}
