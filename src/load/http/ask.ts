import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { defined } from '../../defined/defined.ts';
import { LoadError } from '../load-error.ts';
import type { LoadTest } from '../load-test.ts';
import { certificateError, isRefused } from './certificate.ts';
import { headersFor } from './headers.ts';
import { httpSchemes, parseServerUrl, requestTarget } from './server-url.ts';

/** The server to ask, and the headers to send. */
export type AskedServer = Pick<LoadTest, 'baseUrl' | 'insecure' | 'headers'>;

/** A request that is not part of the measurement. */
export interface SideRequest {
  /** Below the server's base URL, such as `/health`. */
  readonly path: string;
  /** Override the server's headers. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: 'GET' | 'POST';
  /** Makes the request a POST. */
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Responses longer than this are rejected. */
const mostCharacters = 16 << 20;

/** Resolves the server's addresses in the same way as the measured connections. */
const lookUp: LookupFunction = (hostname, _, done) => {
  lookup(hostname, { all: true }).then(
    (addresses) => done(null, addresses),
    (error: NodeJS.ErrnoException) => done(error, []),
  );
};

/** The name to verify; not the user's Host header. Addresses are never sent as TLS names. */
export function tlsNameOf(hostname: string): string {
  return isIP(hostname) === 0 ? hostname : '';
}

/**
 * Sends one request to a server, with the same trust settings as the measured connections, which fetch does not
 * support. Throws LoadError `cannot-connect` if the certificate is rejected and `unsupported` if the server is not
 * reached over HTTP; other errors are passed on.
 */
export async function ask(
  server: AskedServer,
  { path, headers = {}, body, method = body === undefined ? 'GET' : 'POST', signal }: SideRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const { insecure = false } = server;
  const url = parseServerUrl(server.baseUrl);
  if (!httpSchemes.includes(url.scheme)) {
    throw new LoadError('unsupported', `${url.origin} cannot be asked for ${path}: this requires HTTP`, {
      hint: 'remove the option that requires it',
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
    // With `all`, the lookup returns a list of addresses.
    autoSelectFamily: true,
    signal,
    ...defined({ rejectUnauthorized: insecure ? false : undefined }),
  };
  // Loading TLS takes 20 ms.
  const { request } = await (url.secure ? import('node:https') : import('node:http'));
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const asked = request(options, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.length > mostCharacters)
        response.destroy(new Error('the answer is longer than 16 MiB, the most that is read'));
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
