import { InputError } from './errors.ts';

/**
 * The token that an environment variable holds, for an `Authorization: Bearer` header; undefined if it holds none.
 * Throws InputError, which does not show it, for what no header can have.
 */
export function bearerToken(name: string, held: string | undefined): string | undefined {
  const token = held?.trim() ?? '';
  if (token === '') return undefined;
  if (/\p{Cc}/u.test(held ?? '')) {
    throw new InputError(
      `${name} contains a line break or another control character, which is not allowed in a header`,
      'set it to the key only',
    );
  }
  return token;
}
