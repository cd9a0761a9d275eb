import type { LoadTest } from '../load-test.ts';
import type { ServerUrl } from './server-url.ts';

type Headers = Readonly<Record<string, string>>;

/** Headers that the load generator sets itself, by lower-case name, with the reason. */
const reserved: Readonly<Record<string, string>> = {
  'content-length': 'it is computed from each body',
  'transfer-encoding': 'every request has a length',
  'content-encoding': 'bodies are sent unencoded',
  connection: 'connections must stay open',
  'keep-alive': 'connections must stay open',
  'proxy-connection': 'connections must stay open',
  upgrade: 'only HTTP/1.1 is supported',
  'http2-settings': 'only HTTP/1.1 is supported',
  expect: 'a request is sent in one piece',
  te: 'trailers are not read',
  trailer: 'a request has no trailers',
};

/** Problems with the headers of a test. Values may be secret and are never shown. */
export function problemsOfHeaders(headers: Headers): string[] {
  const seen = new Set<string>();
  return Object.entries(headers).flatMap(([name, value]) => {
    const key = name.toLowerCase();
    const shown = JSON.stringify(name);
    // RFC 9110 §5.1 and §5.5: a name is a token, and a value has no control characters except tab.
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\xa0-\u{10ffff}]*$/u.test(value))
      return [`the header ${shown} has characters that HTTP does not allow`];
    const why = Object.hasOwn(reserved, key) ? reserved[key] : undefined;
    if (why !== undefined) return [`the header ${shown} cannot be set: ${why}`];
    if (seen.has(key)) return [`the header ${shown} is given twice, but can be sent only once`];
    seen.add(key);
    return [];
  });
}

/** Merges headers; later layers override earlier ones, ignoring case. Replaced headers keep their position. */
export function mergeHeaders(
  ...layers: readonly Headers[]
): Map<string, readonly [name: string, value: string]> {
  const merged = new Map<string, readonly [string, string]>();
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) merged.set(name.toLowerCase(), [name, value]);
  }
  return merged;
}

/** The headers sent with every request to a server: the URL's authorization, overridden by the user's headers. */
export function headersFor(
  { authorization }: ServerUrl,
  { headers = {} }: Pick<LoadTest, 'headers'>,
): Headers {
  const fromUrl = authorization === undefined ? {} : { Authorization: authorization };
  return Object.fromEntries(mergeHeaders(fromUrl, headers).values());
}
