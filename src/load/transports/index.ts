import { parseServerUrl } from '../http/server-url.ts';
import { LoadError } from '../load-error.ts';
import { transports } from './list.ts';
import type { Transport } from './transport.ts';

const subject = 'the base URL ';

/** The transport for a base URL. Throws LoadError `bad-test`; the message repeats nothing from the URL. */
export function transportFor(baseUrl: string): Transport {
  const { scheme } = parseServerUrl(baseUrl);
  const transport = transports.find(({ schemes }) => schemes.includes(scheme));
  if (transport === undefined) throw new LoadError('bad-test', `${subject}is not a URL: expected ${forms()}`);
  return transport;
}

/** What is wrong with a base URL, as the end of a sentence about it; undefined if it is valid. */
export function problemOfServerUrl(baseUrl: string): string | undefined {
  try {
    transportFor(baseUrl);
    return undefined;
  } catch (error) {
    if (error instanceof LoadError) return error.message.slice(subject.length);
    throw error;
  }
}

function forms(): string {
  return transports.map((transport) => transport.forms).join(', or ');
}
