/** Why a load test could not run or has no usable result. */
export type LoadErrorClass =
  /** The test's settings are contradictory or cannot be run. */
  | 'bad-test'
  /** A file of the test does not exist or cannot be read. */
  | 'file-unreadable'
  /** No connection to the server could be opened. */
  | 'cannot-connect'
  /** Every request that was sent failed. */
  | 'all-failed'
  /** The server cannot do what the test needs, e.g. accept prompts of an exact length. */
  | 'unsupported';

/** Thrown if a load test ends without a result; `hint` suggests what to do. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
  readonly errorClass: LoadErrorClass;
  readonly hint: string | undefined;
  /** For `all-failed`: the class of the most frequent trouble, such as `stalled`. */
  readonly trouble: string | undefined;

  constructor(
    errorClass: LoadErrorClass,
    message: string,
    options: { readonly hint?: string; readonly trouble?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.errorClass = errorClass;
    this.hint = options.hint;
    this.trouble = options.trouble;
  }
}
