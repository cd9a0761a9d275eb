import { LoadError } from '../load-error.ts';

/** The parts of a server's base URL. */
export interface ServerUrl {
  /** The server in messages: without credentials, path and query, which may be secret. */
  readonly origin: string;
  /** In lower case, without the colon; `unix` for all forms of Unix sockets. */
  readonly scheme: string;
  readonly secure: boolean;
  /** Where the server listens: at a name, an address or a Unix socket. */
  readonly place: NetworkPlace | SocketPlace;
  /** The value of the Host header. */
  readonly host: string;
  /** Prefix of every request path; has no trailing slash. */
  readonly pathPrefix: string;
  /** Sent with every request; without the question mark, '' if there is none. */
  readonly query: string;
  /** The value of the Authorization header for the user name and password in the URL. */
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
/** The form of such base URLs. */
export const httpForms = 'an http:// or https:// address, or unix:///path/to/socket';
/** The limit of the system's `sockaddr_un`. */
const longestSocketPath = 107;

/**
 * Throws LoadError `bad-test` if the text is not a URL of any transport. The message repeats nothing from the URL,
 * which may be secret.
 */
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

/** A base URL for display, without its credentials and query. */
export function shownServer(baseUrl: string): string {
  const { origin, pathPrefix } = parseServerUrl(baseUrl);
  return `${origin}${pathPrefix}`;
}

/** The path and query for requesting `path`, which may contain a query. */
export function requestTarget({ pathPrefix, query }: ServerUrl, path: string): string {
  const [pathname = '', ...own] = path.split('?');
  const queries = [query, own.join('?')].filter((part) => part !== '').join('&');
  return `${pathPrefix}${pathname}${queries === '' ? '' : `?${queries}`}`;
}

/**
 * Parses `unix:///run/engine.sock`, optionally with a path prefix after a colon as proxies write it
 * (`unix:///run/engine.sock:/prefix`), or `http+unix://%2Frun%2Fengine.sock/prefix`.
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
    throw bad(`has a Unix socket path of more than ${longestSocketPath} bytes, which systems do not allow`);
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
