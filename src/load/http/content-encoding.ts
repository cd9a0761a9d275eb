import type { Transform } from 'node:stream';

/** Makes what unpacks a body, by the body's first byte. */
export type Unpacker = (firstByte: number) => Transform;

/** The encodings that are read, by their names in RFC 9110 §8.4.1 and the one that it keeps for old servers. */
const unpackers: Readonly<Record<string, Unpacker>> = {
  gzip: () => zlib().createGunzip(),
  'x-gzip': () => zlib().createGunzip(),
  deflate: inflate,
};

/** How the body of a response is encoded. */
export type ContentEncoding =
  | { readonly kind: 'plain' }
  | { readonly kind: 'packed'; readonly name: string; readonly unpacker: Unpacker }
  /** Its bytes are no text that can be read. */
  | { readonly kind: 'unknown'; readonly name: string };

/**
 * Reads a `Content-Encoding` header, which lists encodings in the order they were applied, and `Transfer-Encoding`,
 * which lists those of the connection and `chunked`.
 */
export function contentEncodingOf(header: string | undefined, transferHeader?: string): ContentEncoding {
  const names = [...namesIn(header), ...namesIn(transferHeader).filter((name) => name !== 'chunked')];
  const [name, ...more] = names;
  if (name === undefined) return { kind: 'plain' };
  const unpacker = Object.hasOwn(unpackers, name) ? unpackers[name] : undefined;
  return unpacker === undefined || more.length > 0
    ? { kind: 'unknown', name: names.join(', ') }
    : { kind: 'packed', name: name.replace(/^x-/, ''), unpacker };
}

function namesIn(header = ''): string[] {
  return header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
}

/** What is wrong with a reply in an encoding that is not read. */
export function unknownEncodingMessage(name: string): string {
  return `the server answered with content-encoding ${name} although identity was requested; supported are gzip and deflate`;
}

/**
 * `deflate` is a zlib stream (RFC 1950 §2.2: method 8, windows of up to 2⁷⁺⁸ bytes), but some servers send what is
 * inside of one without its header. That begins with a block's type, never with these bits.
 */
function inflate(firstByte: number): Transform {
  return (firstByte & 15) === 8 && firstByte >> 4 <= 7 ? zlib().createInflate() : zlib().createInflateRaw();
}

/** Loaded for the first packed body: most tests have none. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('zlib');
}
