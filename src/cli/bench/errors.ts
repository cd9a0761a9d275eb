import { defined } from '../../defined/defined.ts';
import { InputError, WorkError } from '../../errors.ts';
import { LoadError } from '../../load/index.ts';

/** Runs load work and converts the load generator's errors: invalid settings become InputError, others WorkError. */
export async function withLoadErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    if (error.errorClass === 'bad-test')
      throw new InputError(error.message, error.hint, { code: error.errorClass });
    throw new WorkError(error.message, {
      cause: error,
      code: error.errorClass,
      ...defined({ hint: error.hint }),
    });
  }
}
