import { messageOf } from './errors.ts';

/** The result of a check: a `problem` makes a sweep fail, a `warning` may affect it. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** How to fix it. */
  readonly todo?: string;
}

/** The findings of a check; if the check itself fails, that is the problem. */
export async function attempt(
  check: string,
  todo: string,
  work: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await work();
  } catch (error) {
    return [{ check, state: 'problem', message: messageOf(error), todo }];
  }
}
