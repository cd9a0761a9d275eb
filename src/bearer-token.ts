import { InputError } from './errors.ts';

/**
 * The token in an environment variable, for an `Authorization: Bearer` header; undefined if it is empty. Throws
 * InputError, which does not print the token, if it contains characters that a header cannot have.
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
