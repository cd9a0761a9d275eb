import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { defined } from '../../defined/defined.ts';
import { LoadError } from '../load-error.ts';
import type { LoadTest } from '../load-test.ts';
import { certificateError, isRefused } from './certificate.ts';
import { headersFor } from './headers.ts';
import { httpSchemes, parseServerUrl, requestTarget } from './server-url.ts';

/** Which server is asked, with the headers that it is asked with. */
export type AskedServer = Pick<LoadTest, 'baseUrl' | 'insecure' | 'headers'>;

/** A request beside those that are measured. */
export interface SideRequest {
  /** Below the server's base URL, such as `/health`. */
  readonly path: string;
  /** Over those of the server. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: 'GET' | 'POST';
  /** Makes it a POST. */
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** No answer to such a question is longer. */
const mostCharacters = 16 << 20;

/** As the measured connections find the server's addresses. */
const lookUp: LookupFunction = (hostname, _, done) => {
  lookup(hostname, { all: true }).then(
    (addresses) => done(null, addresses),
    (error: NodeJS.ErrnoException) => done(error, []),
  );
};

/** Not the name in a Host header of the user's; addresses are never sent as names. */
export function tlsNameOf(hostname: string): string {
  return isIP(hostname) === 0 ? hostname : '';
}

/**
 * Asks a server once, trusting it as the measured connections do: fetch can be told of no certificate. Throws LoadError
 * `cannot-connect` if the certificate is refused, `unsupported` for a server that is not reached over HTTP, and whatever
 * else went wrong.
 */
export async function ask(
  server: AskedServer,
  { path, headers = {}, body, method = body === undefined ? 'GET' : 'POST', signal }: SideRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const { insecure = false } = server;
  const url = parseServerUrl(server.baseUrl);
  if (!httpSchemes.includes(url.scheme)) {
    throw new LoadError('unsupported', `${url.origin} cannot be asked for ${path}: that takes HTTP`, {
      hint: 'leave out the option that asks for it',
    });
  }
  const options = {
    ...url.place,
    path: requestTarget(url, path),
    method,
    headers: { Host: url.host, ...headersFor(url, server), ...headers },
    lookup: lookUp,
    ...defined({
      servername: url.secure && 'hostname' in url.place ? tlsNameOf(url.place.hostname) : undefined,
    }),
    // The answers of many addresses are one list.
    autoSelectFamily: true,
    signal,
    ...defined({ rejectUnauthorized: insecure ? false : undefined }),
  };
  // TLS takes 20 ms to load.
  const { request } = await (url.secure ? import('node:https') : import('node:http'));
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const asked = request(options, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.length > mostCharacters) response.destroy(new Error(`the answer to ${path} does not end`));
    });
    response.once('error', reject);
    response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
  });
  asked.once('error', (error) => {
    const { socket } = asked;
    reject(socket !== null && isRefused(error, socket) ? certificateError(url.origin, error.message) : error);
  });
  asked.end(body);
  return await promise;
}
