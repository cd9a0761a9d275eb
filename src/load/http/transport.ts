import type { Transport } from '../transports/transport.ts';
import { Connection } from './connection.ts';
import { httpForms, httpSchemes } from './server-url.ts';
import { resolveTargets } from './target.ts';

/** Most heads of requests cached per test: one for each length of a body. */
const mostFrames = 1024;

/** HTTP/1.1 over TCP, TLS or a Unix socket. */
export const http: Transport = {
  schemes: httpSchemes,
  forms: httpForms,
  targets: resolveTargets,
  framer: ({ target, headers }) => {
    const line = ([name, value]: readonly [string, string]): string => `${name}: ${value}\r\n`;
    const head = `POST ${target} HTTP/1.1\r\n${headers.map(line).join('')}`;
    const frame = (bodyLength: number, more: string): Uint8Array =>
      Buffer.from(`${head}${more}Content-Length: ${bodyLength}\r\n\r\n`);
    const frames = new Map<number, Uint8Array>();
    return (bodyLength, more) => {
      if (more.length > 0) return frame(bodyLength, more.map(line).join(''));
      const known = frames.get(bodyLength);
      if (known !== undefined) return known;
      const made = frame(bodyLength, '');
      if (frames.size < mostFrames) frames.set(bodyLength, made);
      return made;
    };
  },
  connect: (handler) => new Connection(handler),
};
