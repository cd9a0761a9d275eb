import type { Transform } from 'node:stream';

/** Creates a decompressor, given the body's first byte. */
export type Unpacker = (firstByte: number) => Transform;

/** Supported encodings, under their names in RFC 9110 §8.4.1, including the legacy alias. */
const unpackers: Readonly<Record<string, Unpacker>> = {
  gzip: () => zlib().createGunzip(),
  'x-gzip': () => zlib().createGunzip(),
  deflate: inflate,
};

/** How the body of a response is encoded. */
export type ContentEncoding =
  | { readonly kind: 'plain' }
  | { readonly kind: 'packed'; readonly name: string; readonly unpacker: Unpacker }
  /** Its bytes cannot be read as text. */
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

/** The error message for an unsupported encoding. */
export function unknownEncodingMessage(name: string): string {
  return `the server answered with content-encoding ${name} although identity was requested; supported are gzip and deflate`;
}

/**
 * `deflate` means a zlib stream (RFC 1950 §2.2: method 8, windows of up to 2⁷⁺⁸ bytes), but some servers send raw
 * deflate data. That starts with a block type, never with these bits.
 */
function inflate(firstByte: number): Transform {
  return (firstByte & 15) === 8 && firstByte >> 4 <= 7 ? zlib().createInflate() : zlib().createInflateRaw();
}

/** Loaded for the first compressed body; most tests have none. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('zlib');
}
