/** Why a whole load test could not be done or was worth nothing. */
export type LoadErrorClass =
  /** The test's own settings contradict themselves or cannot be run. */
  | 'bad-test'
  /** No connection to the server could be opened at all. */
  | 'cannot-connect'
  /** Every request that was sent failed. */
  | 'all-failed'
  /** The server cannot do what the test needs, e.g. prompts of an exact length. */
  | 'unsupported';

/** A load test that ended without a result; `hint` says what to do about it. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
  readonly errorClass: LoadErrorClass;
  readonly hint: string | undefined;
  /** Of `all-failed`: the class of the commonest trouble, such as `stalled`. */
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
