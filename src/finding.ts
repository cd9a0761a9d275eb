import { messageOf } from './errors.ts';

/** What an examination found out: `problem` makes a sweep fail, `warning` may spoil it. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** What to do about it. */
  readonly todo?: string;
}

/** A check's findings; where it cannot even be made, that is the problem. */
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
