/** A file to ingest. */
export interface SourceFile {
  /** Path relative to what is ingested, separated by `/`. */
  readonly path: string;
  readonly bytes: number;
  /** Unix time in milliseconds. */
  readonly modifiedAt: number;
  /** Reads the content; throws an error with the reason if it cannot be read. */
  readonly read: () => Promise<Buffer>;
}

/** The files of a folder or an archive, ordered by path, and the rejected ones with their reasons. */
export interface FileSet {
  readonly files: readonly SourceFile[];
  readonly refused: readonly { readonly file: string; readonly reason: string }[];
  readonly close: () => Promise<void>;
}

/** Maximum size of a JSON file in bytes; results are never larger. */
export const longestFile = 256 * 1024 * 1024;
