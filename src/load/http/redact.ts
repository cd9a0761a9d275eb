import type { LoadTest } from '../load-test.ts';
import { mergeHeaders } from './headers.ts';
import { parseServerUrl } from './server-url.ts';

/** Shorter words than this would be found in texts that are no secrets. */
const shortestSecret = 6;
const mask = '***';

/**
 * Takes what a test keeps secret out of a text that a server made: many answer a request that they refuse with its
 * path or its headers. Secret are the credentials of the base URL, the values of its query and the endpoint's, and the
 * values of the test's own headers.
 */
export function redactorFor({
  baseUrl,
  endpoint = '',
  headers = {},
}: Pick<LoadTest, 'baseUrl' | 'endpoint' | 'headers'>): (text: string) => string {
  const { query, authorization } = parseServerUrl(baseUrl);
  const parameters = [...parametersOf(query), ...parametersOf(endpoint.split('?').slice(1).join('?'))];
  const credentials = authorization === undefined ? {} : { authorization };
  const values = [...mergeHeaders(credentials, headers).values()].flatMap(([name, value]) =>
    name.toLowerCase() === 'authorization' ? wordsOfAuthorization(value) : [value],
  );
  const words = [...values, ...parameters.flatMap(({ value }) => [value, decodedOr(value)])];
  const masks = new Map([
    ...parameters.map(({ name, value }) => [`${name}=${value}`, `${name}=${mask}`] as const),
    ...words.filter(({ length }) => length >= shortestSecret).map((word) => [word, mask] as const),
  ]);
  // The longest first: one may be part of another.
  const longestFirst = [...masks].sort(([a], [b]) => b.length - a.length);
  return (text) =>
    longestFirst.reduce(
      (shown, [secret, masked]) => withoutEnd(shown.replaceAll(secret, masked), secret),
      text,
    );
}

/** A text without the beginning of a secret at its end: what servers say is kept only so far. */
function withoutEnd(text: string, secret: string): string {
  for (let length = secret.length - 1; length >= shortestSecret; length--) {
    if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}${mask}`;
  }
  return text;
}

/** The parts of a query, but those that say which version of an API is spoken. */
function parametersOf(query: string): { readonly name: string; readonly value: string }[] {
  return query.split('&').flatMap((pair) => {
    const [name = '', ...rest] = pair.split('=');
    const value = rest.join('=');
    return value === '' || /version/i.test(name) ? [] : [{ name, value }];
  });
}

/** `Bearer KEY` and `Basic BASE64` by their second words; the latter also by the user name and password in it. */
function wordsOfAuthorization(value: string): string[] {
  const [scheme = '', ...rest] = value.split(' ');
  const word = rest.join(' ');
  if (scheme.toLowerCase() !== 'basic') return [word === '' ? value : word];
  const [user = '', ...password] = Buffer.from(word, 'base64').toString().split(':');
  return [word, user, password.join(':')];
}

function decodedOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
