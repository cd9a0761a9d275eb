import { LoadError } from '../load-error.ts';

/** A server's base URL taken apart. */
export interface ServerUrl {
  /** How messages name the server: without credentials, path and query, which may be secret. */
  readonly origin: string;
  /** In lower case, without the colon; `unix` for a Unix socket however it is written. */
  readonly scheme: string;
  readonly secure: boolean;
  /** Where it listens: under a name or an address, or at a Unix socket. */
  readonly place: NetworkPlace | SocketPlace;
  /** The value of the Host header. */
  readonly host: string;
  /** Comes before every path that is asked; has no slash at its end. */
  readonly pathPrefix: string;
  /** Goes with every path that is asked; without the question mark, '' for none. */
  readonly query: string;
  /** The value of the Authorization header that a user name and a password stand for. */
  readonly authorization: string | undefined;
}

export interface NetworkPlace {
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
}

export interface SocketPlace {
  readonly socketPath: string;
}

/** The schemes of HTTP servers' base URLs. */
export const httpSchemes: readonly string[] = ['http', 'https', 'unix'];
/** How such base URLs are written. */
export const httpForms = 'an http:// or https:// address, or unix:///path/to/socket';
/** What the system's `sockaddr_un` has room for. */
const longestSocketPath = 107;

/** Throws LoadError `bad-test` for what is no URL of any transport, whose message repeats nothing of a URL that may be secret. */
export function parseServerUrl(text: string): ServerUrl {
  if (text.includes('#')) throw bad('has a fragment (#…), which is never sent: remove it, or write %23');
  if (/^(http\+)?unix:/i.test(text)) return parseSocketUrl(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.host === '') throw bad(`is not a URL: expected ${httpForms}`);
  const secure = url.protocol === 'https:';
  return {
    origin: `${url.protocol}//${url.host}`,
    scheme: url.protocol.slice(0, -1),
    secure,
    place: {
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    },
    host: url.host,
    ...pathAndQuery(url),
    authorization: basicAuthorization(url),
  };
}

/** A base URL as it can be shown: without its credentials and its query. */
export function shownServer(baseUrl: string): string {
  const { origin, pathPrefix } = parseServerUrl(baseUrl);
  return `${origin}${pathPrefix}`;
}

/** The path and query to ask a server for `path`, which may have a query of its own. */
export function requestTarget({ pathPrefix, query }: ServerUrl, path: string): string {
  const [pathname = '', ...own] = path.split('?');
  const queries = [query, own.join('?')].filter((part) => part !== '').join('&');
  return `${pathPrefix}${pathname}${queries === '' ? '' : `?${queries}`}`;
}

/**
 * `unix:///run/engine.sock`, with a path prefix after a colon as proxies write it (`unix:///run/engine.sock:/prefix`),
 * or `http+unix://%2Frun%2Fengine.sock/prefix`.
 */
function parseSocketUrl(text: string): ServerUrl {
  const [address = '', ...query] = text.split('?');
  const [, encoded, packedPath = ''] = /^http\+unix:\/\/([^/]+)(\/.*)?$/i.exec(address) ?? [];
  const [, plain, path = packedPath] = /^unix:(?:\/\/)?(\/(?!\/).*?)(?::(\/.*))?$/i.exec(address) ?? [];
  const socketPath = decoded(encoded ?? plain ?? '');
  if (!/^\/[^/\0]/.test(socketPath)) {
    throw bad('is not a Unix socket: write unix:///path/to/socket, with an absolute path');
  }
  if (Buffer.byteLength(socketPath) > longestSocketPath) {
    throw bad(`names a Unix socket by more than ${longestSocketPath} bytes, which systems do not allow`);
  }
  return {
    origin: `unix://${socketPath}`,
    scheme: 'unix',
    secure: false,
    place: { socketPath },
    host: 'localhost',
    ...pathAndQuery(new URL(`http://localhost${path}?${query.join('?')}`)),
    authorization: undefined,
  };
}

function pathAndQuery({ pathname, search }: URL): Pick<ServerUrl, 'pathPrefix' | 'query'> {
  return { pathPrefix: pathname.replace(/\/+$/, ''), query: search.slice(1) };
}

function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const pair = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('has a % without two hexadecimal digits: write %25 for a percent sign');
  }
}

function bad(problem: string): LoadError {
  return new LoadError('bad-test', `the base URL ${problem}`);
}
