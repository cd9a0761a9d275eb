import type { DatasetFile } from '../files/text-file.ts';

/** A text file named `f` that is read in pieces of the given lengths, repeated as needed. */
export function textInPieces(text: string | Uint8Array, lengths: readonly number[] = [1 << 20]): DatasetFile {
  const bytes = Buffer.from(text);
  return {
    file: 'f',
    firstLine: bytes.toString('utf8').trimStart().split('\n', 1)[0]?.trim() ?? '',
    async *chunks() {
      for (let at = 0, piece = 0; at < bytes.length; piece++) {
        const length = lengths[piece % lengths.length] ?? 1;
        yield bytes.subarray(at, at + length);
        at += length;
      }
    },
  };
}

/** The rows as JSON lines. */
export function jsonLines(rows: readonly unknown[]): DatasetFile {
  return textInPieces(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}
