import { certificateError, isRefused } from './certificate.ts';
import type { Server } from './target.ts';

/** A request beside those that are measured. */
export interface Question {
  /** Below the server's base URL, such as `/health`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Posted; without one the path is got. */
  readonly body?: string;
  readonly signal: AbortSignal;
}

/**
 * Asks a server once, trusting it as the measured connections do: fetch can be told of no certificate. Throws LoadError
 * `cannot-connect` where the certificate is refused, and whatever else went wrong.
 */
export async function ask(
  { baseUrl, insecure = false }: Server,
  { path, headers, body, signal }: Question,
): Promise<{ readonly status: number; readonly text: string }> {
  const url = new URL(`${baseUrl.replace(/\/+$/, '')}${path}`);
  const options = {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    signal,
    ...(insecure ? { rejectUnauthorized: false } : {}),
  };
  // TLS takes 20 ms to load.
  const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const asked = request(url, options, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
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
