import { defined } from './defined/defined.ts';
import type { ErrorCode } from './error-codes.ts';

/** A problem in the user's input, with its position if known. */
export interface Problem {
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /** What is wrong and what was expected, in one sentence. */
  readonly message: string;
  /** What the value should be, if the message says that and a program may need it alone. */
  readonly expected?: string;
  /** How to fix it. */
  readonly hint?: string;
  /** Default: `bad-input`. */
  readonly code?: ErrorCode;
}

/** What is wrong with a value; the caller adds where the value is written. */
export type Fault = Pick<Problem, 'message' | 'hint' | 'code'>;

/** Invalid input or usage: exit code 2. Contains all problems, not only the first. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly exitCode: 1 | 2;
  readonly problems: readonly Problem[];

  /** @param code For problems without their own. */
  constructor(
    problems: readonly Problem[] | string,
    hint?: string,
    { code, exitCode = 2 }: { readonly code?: ErrorCode; readonly exitCode?: 1 | 2 } = {},
  ) {
    const all = typeof problems === 'string' ? [{ message: problems, ...defined({ hint }) }] : problems;
    const list = code === undefined ? all : all.map((problem) => ({ code, ...problem }));
    super(list.map(formatProblem).join('\n'));
    this.problems = list;
    this.exitCode = exitCode;
  }

  /**
   * The same with exit code 1, for commands whose public counterpart treats bad configs as a failed run and only bad
   * usage as 2.
   */
  asFailedRun(): InputError {
    return new InputError(this.problems, undefined, { exitCode: 1 });
  }
}

/** The input was valid but the work failed: exit code 1. */
export class WorkError extends Error {
  override readonly name: string = 'WorkError';
  readonly exitCode = 1;
  readonly hint: string | undefined;
  readonly code: ErrorCode;

  constructor(
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown; readonly code?: ErrorCode } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.hint = options.hint;
    this.code = options.code ?? 'work-failed';
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
