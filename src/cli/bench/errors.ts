import { defined } from '../../defined/defined.ts';
import { InputError, WorkError } from '../../errors.ts';
import { LoadError, type LoadErrorClass } from '../../load/index.ts';

/** What the user asked for cannot be run. */
const ofTheUser: readonly LoadErrorClass[] = ['bad-test', 'file-unreadable'];

/** Runs load work and converts the load generator's errors: invalid settings become InputError, others WorkError. */
export async function withLoadErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    if (ofTheUser.includes(error.errorClass))
      throw new InputError(error.message, error.hint, { code: error.errorClass });
    throw new WorkError(error.message, {
      cause: error,
      code: error.errorClass,
      ...defined({ hint: error.hint }),
    });
  }
}
