import { baseUrlsOf, type LoadTest } from '../load-test.ts';
import { mergeHeaders } from './headers.ts';
import { parseServerUrl } from './server-url.ts';

/** Shorter strings could occur in texts by chance. */
const shortestSecret = 6;
const mask = '***';

/**
 * Returns a function that removes a test's secrets from a server's text, because many servers repeat the path or
 * headers of a request that they reject. Secrets are the credentials of the base URL, the query values of the base URL
 * and the endpoint, and the values of the test's headers.
 */
export function redactorFor({
  endpoint = '',
  headers = {},
  ...servers
}: Pick<LoadTest, 'baseUrl' | 'otherBaseUrls' | 'endpoint' | 'headers'>): (text: string) => string {
  const urls = baseUrlsOf(servers).map(parseServerUrl);
  const parameters = [
    ...urls.flatMap(({ query }) => parametersOf(query)),
    ...parametersOf(endpoint.split('?').slice(1).join('?')),
  ];
  const credentials = urls.flatMap(({ authorization }) =>
    authorization === undefined ? [] : [['authorization', authorization] as const],
  );
  const values = [...credentials, ...mergeHeaders(headers).values()].flatMap(([name, value]) =>
    name.toLowerCase() === 'authorization' ? wordsOfAuthorization(value) : [value],
  );
  const words = [...values, ...parameters.flatMap(({ value }) => [value, decodedOr(value)])];
  const masks = new Map([
    ...parameters.map(({ name, value }) => [`${name}=${value}`, `${name}=${mask}`] as const),
    ...words.filter(({ length }) => length >= shortestSecret).map((word) => [word, mask] as const),
  ]);
  // Longest first, because one secret may contain another.
  const longestFirst = [...masks].sort(([a], [b]) => b.length - a.length);
  return (text) =>
    longestFirst.reduce(
      (shown, [secret, masked]) => withoutEnd(shown.replaceAll(secret, masked), secret),
      text,
    );
}

/** Removes the beginning of a secret at the end of a text, because server messages are truncated. */
function withoutEnd(text: string, secret: string): string {
  for (let length = secret.length - 1; length >= shortestSecret; length--) {
    if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}${mask}`;
  }
  return text;
}

/** The parameters of a query, except API versions. */
function parametersOf(query: string): { readonly name: string; readonly value: string }[] {
  return query.split('&').flatMap((pair) => {
    const [name = '', ...rest] = pair.split('=');
    const value = rest.join('=');
    return value === '' || /version/i.test(name) ? [] : [{ name, value }];
  });
}

/** The second word of `Bearer KEY` and `Basic BASE64`; for the latter also the user name and password in it. */
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
