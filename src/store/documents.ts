import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Shorter texts are not worth compressing. */
const shortestCompressed = 512;
const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Encodes JSON text for the store, compressed if that is shorter. */
export function rawBytes(text: string): Uint8Array {
  const plain = Buffer.from(text);
  if (plain.length < shortestCompressed) return plain;
  const compressed = zstdCompressSync(plain);
  return compressed.length < plain.length ? compressed : plain;
}

/** Decodes the result of `rawBytes`. */
export function rawText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isCompressed = buffer.subarray(0, zstdMagic.length).equals(zstdMagic);
  return (isCompressed ? zstdDecompressSync(buffer) : buffer).toString('utf8');
}
