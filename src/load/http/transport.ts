import type { Transport } from '../transports/transport.ts';
import { Connection } from './connection.ts';
import { httpForms, httpSchemes } from './server-url.ts';
import { resolveTargets } from './target.ts';

/** HTTP/1.1 over TCP, TLS or a Unix socket. */
export const http: Transport = {
  schemes: httpSchemes,
  forms: httpForms,
  targets: resolveTargets,
  framer: ({ target, headers }) => {
    const line = ([name, value]: readonly [string, string]): string => `${name}: ${value}\r\n`;
    const head = `POST ${target} HTTP/1.1\r\n${headers.map(line).join('')}`;
    return (bodyLength, more) =>
      Buffer.from(`${head}${more.map(line).join('')}Content-Length: ${bodyLength}\r\n\r\n`);
  },
  connect: (handler) => new Connection(handler),
};
