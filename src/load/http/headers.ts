import type { LoadTest } from '../load-test.ts';
import type { ServerUrl } from './server-url.ts';

type Headers = Readonly<Record<string, string>>;

/** Headers that a connection of the load generator sets by what it does, by lower-case name, with the reason. */
const reserved: Readonly<Record<string, string>> = {
  'content-length': 'it is the length of each body, which differs',
  'transfer-encoding': 'every request has a length',
  'content-encoding': 'bodies are sent unencoded',
  connection: 'connections are kept open, as they are measured',
  'keep-alive': 'connections are kept open, as they are measured',
  'proxy-connection': 'connections are kept open, as they are measured',
  upgrade: 'only HTTP/1.1 is spoken',
  'http2-settings': 'only HTTP/1.1 is spoken',
  expect: 'a request is sent in one piece',
  te: 'trailers are not read',
  trailer: 'a request has no trailers',
};

/** What is wrong with headers that a test asks for; a value may be a secret and is never told. */
export function problemsOfHeaders(headers: Headers): string[] {
  const seen = new Set<string>();
  return Object.entries(headers).flatMap(([name, value]) => {
    const key = name.toLowerCase();
    const shown = JSON.stringify(name);
    // RFC 9110 §5.1 and §5.5: a name is a token, a value has no control characters but the tab.
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\xa0-\u{10ffff}]*$/u.test(value))
      return [`the header ${shown} has characters that HTTP does not allow`];
    const why = Object.hasOwn(reserved, key) ? reserved[key] : undefined;
    if (why !== undefined) return [`the header ${shown} cannot be set: ${why}`];
    if (seen.has(key)) return [`the header ${shown} is given twice, but a request can have only one`];
    seen.add(key);
    return [];
  });
}

/** Headers over others, whatever the case of their names; those that are replaced keep their place. */
export function mergeHeaders(
  ...layers: readonly Headers[]
): Map<string, readonly [name: string, value: string]> {
  const merged = new Map<string, readonly [string, string]>();
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) merged.set(name.toLowerCase(), [name, value]);
  }
  return merged;
}

/** The headers that go with whatever a server is asked: the user's, over the authorization of the URL. */
export function headersFor(
  { authorization }: ServerUrl,
  { headers = {} }: Pick<LoadTest, 'headers'>,
): Headers {
  const fromUrl = authorization === undefined ? {} : { Authorization: authorization };
  return Object.fromEntries(mergeHeaders(fromUrl, headers).values());
}
